/** A home with a daemon of its own, signed in to the sandbox's Entra ID, with two subscriptions and other sign-ins around it. */
import { decodeJwt } from 'jose'
import { ENTRA_CA, startEntra } from '../cloud/entra.ts'
import { SUBSCRIPTIONS, TENANT } from '../cloud/entra-state.ts'
import { azureConfig } from './azure.ts'
import { azureFront } from './azure-front.ts'
import { testHome } from './house.ts'
import { ownSignIns } from './own-signins.ts'

export const LIFE_SECONDS = 8
export type Name = 'dev' | 'prod'
export const SUBSCRIPTION_OF = { dev: SUBSCRIPTIONS.development, prod: SUBSCRIPTIONS.production }

export async function wholeAzure(t: { teardown(work: () => unknown): void }) {
  const entra = await startEntra({ lifetimes: { accessTokenSeconds: LIFE_SECONDS } })
  const home = testHome()
  home.env.NODE_EXTRA_CA_CERTS = ENTRA_CA
  home.config(azureConfig('azure/device-code')(entra.url))
  /** For whom a token of the sandbox's is, where it is good now. */
  const audienceOf = async (token: string) => {
    const audience = audienceIn(token)
    return (
      audience &&
      entra.claims(token, audience).then(
        () => audience,
        () => undefined,
      )
    )
  }
  const known = { subscription: SUBSCRIPTIONS.development, tenant: TENANT.id }
  const front = await azureFront(audienceOf, known)
  const own = ownSignIns(home)
  const heard = entra.record()
  t.teardown(async () => {
    front.close()
    await home.remove()
    await entra.close()
  })
  const login = await home.atmosctl(['login', '--no-browser'])
  if (login.code !== 0) throw new Error(login.stderr)
  const quiet = {
    CHECKPOINT_DISABLE: '1',
    AZURE_CORE_COLLECT_TELEMETRY: 'no',
    AZURE_CORE_SURVEY_MESSAGE: 'no',
  }
  const env = { ...own.env, ...front.env, ...quiet }
  return {
    home,
    entra,
    front,
    own,
    env,
    audienceOf,
    /** What Entra ID and the rest of Azure were told. */
    heard: () => [...heard, ...front.heard],
    start: (name: Name, ...command: string[]) => home.start(['exec', '-i', name, '--', ...command], { env }),
  }
}

function audienceIn(token: string): string | undefined {
  try {
    return String(decodeJwt(token).aud)
  } catch {
    return undefined
  }
}
