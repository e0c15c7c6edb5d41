/** Identities of a running daemon, as its own operations take them. */
import { type Chain, chainTo } from '../../daemon/graph/chain.ts'
import { signIn } from '../../daemon/operations/login.ts'
import type { AwsCredential } from '../../shared/credential.ts'
import type { LoginEvent } from '../../shared/replies.ts'
import type { Running } from './running.ts'

/** Signs in as `login` does; what the person is shown goes to `show`. Returns the last event. */
export async function login(
  { app, workspace }: Running,
  identity: string,
  show: (event: LoginEvent) => void = () => {},
  leave = new AbortController(),
  hasBrowser = false,
): Promise<LoginEvent> {
  let last: LoginEvent = { type: 'started', chain: [] }
  const listener = (event: LoginEvent) => {
    last = event
    show(event)
  }
  await signIn(app.house, { workspace, identity, hasBrowser }, listener, leave.signal)
  return last
}

export async function chainOf({ app, workspace }: Running, identity: string): Promise<Chain> {
  return chainTo((await app.house.workspaces.sound(workspace)).graph, identity)
}

export async function credential(daemon: Running, identity: string): Promise<AwsCredential> {
  return (await daemon.app.house.broker.session(await chainOf(daemon, identity))).credential as AwsCredential
}
