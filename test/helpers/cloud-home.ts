/** A home whose configuration means a sandbox cloud of its own; both end with the test. */
import { type Cloud, type CloudOptions, startCloud } from '../cloud/cloud.ts'
import { exampleConfig } from '../cloud/example.ts'
import { type TestHome, testHome } from './house.ts'
import { freePort } from './port.ts'

export interface CloudHome {
  home: TestHome
  cloud: Cloud
}

type HomeOptions = Parameters<typeof testHome>[0]

/** Whoever is asked at the cloud agrees, unless told otherwise. `config` is given the cloud's address. */
export async function cloudHome(
  t: { teardown(work: () => Promise<void>): void },
  { lifetimes, ...cloudOptions }: CloudOptions = {},
  homeOptions: HomeOptions = {},
  config = (url: string) => exampleConfig(url, homeOptions?.keyringPassword ? 'file' : 'memory'),
): Promise<CloudHome> {
  const cloud = await startCloud({
    approval: 'automatic',
    ...cloudOptions,
    lifetimes: { pollIntervalSeconds: 0.05, ...lifetimes },
  })
  const home = testHome(homeOptions)
  home.config(config(cloud.url))
  t.teardown(async () => {
    await home.remove()
    await cloud.close()
  })
  return { home, cloud }
}

/** One that has been signed in to, on a port that a daemon takes again after a restart, with a file as keyring. */
export async function signedInHome(
  t: Parameters<typeof cloudHome>[0],
  cloudOptions: CloudOptions = {},
  config?: (url: string) => string,
): Promise<CloudHome> {
  const homeOptions = { port: await freePort(), keyringPassword: 'correct horse' }
  const place = await cloudHome(t, cloudOptions, homeOptions, config)
  const login = await place.home.atmosctl(['login', '--no-browser'])
  if (login.code !== 0) throw new Error(login.stderr)
  return place
}
