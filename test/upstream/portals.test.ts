/** Where the consoles of Azure and Google Cloud open. */
import t from 'tap'
import { azureDestination } from '../../daemon/upstream/azure-portal.ts'
import { googleDestination } from '../../daemon/upstream/google-console.ts'
import type { CloudFacts } from '../../shared/cloud-facts.ts'

const azure: CloudFacts = { tenant: 'contoso.com', subscription: 'sub' }
const google: CloudFacts = { project: 'my-project', account: 'ann@example.com' }

t.test('Azure’s portal', async (t) => {
  const cases: [string | undefined, CloudFacts, string][] = [
    [undefined, azure, 'https://portal.azure.com/#@contoso.com/resource/subscriptions/sub/overview'],
    [undefined, { tenant: 'contoso.com' }, 'https://portal.azure.com/#@contoso.com'],
    ['home', azure, 'https://portal.azure.com/#@contoso.com'],
    [
      ' KV ',
      azure,
      'https://portal.azure.com/#@contoso.com/blade/HubsExtension/BrowseResource/resourceType/Microsoft.KeyVault%2Fvaults',
    ],
    [
      'rg',
      { ...azure, cloud: 'china' },
      'https://portal.azure.cn/#@contoso.com/blade/HubsExtension/BrowseResourceGroups',
    ],
    ['https://portal.azure.com/#view/X', azure, 'https://portal.azure.com/#view/X'],
  ]
  for (const [wanted, facts, address] of cases)
    t.equal(azureDestination(wanted, facts), address, String(wanted))
  for (const [wanted, message] of [
    ['https://portal.azure.us/', /is on portal\.azure\.us/],
    ['https://evil.example/portal.azure.com', /is on evil\.example/],
    ['https://portal.azure.com@evil.example/', /name or password/],
    ['vmm', /no destination "vmm"/],
    ['constructor', /no destination/],
  ] as const)
    t.throws(() => azureDestination(wanted, azure), { code: 'Usage', message }, wanted)
})

t.test('Google Cloud’s console', async (t) => {
  const at = (path: string) => `https://console.cloud.google.com/${path}`
  t.equal(
    googleDestination(undefined, google),
    at('home/dashboard?project=my-project&authuser=ann%40example.com'),
  )
  t.equal(googleDestination('gke', { project: 'p' }), at('kubernetes/list?project=p'))
  const robot = { ...google, account: 'robot@p.iam.gserviceaccount.com' }
  t.equal(googleDestination('logs', robot), at('logs/query?project=my-project'), 'a robot has no browser')
  t.equal(googleDestination(at('run?x=1'), google), at('run?x=1'))
  t.throws(() => googleDestination('https://google.com/', google), { code: 'Usage' })
  t.throws(() => googleDestination('stroage', google), { code: 'Usage', hint: 'Did you mean "storage"?' })
})
