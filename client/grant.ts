import type { ClusterTokenReply } from '../shared/cluster-token-reply.ts'
import type { ConsoleReply } from '../shared/console-reply.ts'
import type { CredentialReply } from '../shared/credential-reply.ts'
import type { AuthError } from '../shared/errors.ts'
import type { GrantReply } from '../shared/replies.ts'
import type { ClusterTokenRequest, ConsoleRequest, EksTokenRequest } from '../shared/requests.ts'
import type { Daemon } from './daemon.ts'
import { refusedVariables } from './environment/environment.ts'
import { type Here, isInteractive } from './here.ts'
import { withIdentity } from './identity.ts'
import { applyAfterLogin } from './integrations/after-login.ts'
import { signIn } from './signin.ts'

type Chosen = { identity?: string }

/** A grant for the chosen identity; where a sign-in is missing and a person is there, that comes first. */
export function obtainGrant(
  here: Here,
  daemon: Daemon,
  chosen: Chosen,
  holder?: number,
): Promise<GrantReply> {
  const held = holder === undefined ? {} : { holder }
  return signedIn(here, daemon, chosen, (now) => daemon.grant({ ...now, ...held }))
}

/** A grant with a port of its own, which any program of the user can ask while it lives. */
export function obtainEndpoint(
  here: Here,
  daemon: Daemon,
  chosen: Chosen,
  more: { dialect: GrantReply['dialect']; holder?: number; port?: number; lifetimeSeconds?: number },
): Promise<GrantReply> {
  return signedIn(here, daemon, chosen, (now) => daemon.grant({ ...now, ...more }))
}

/** The credential itself, by the same way. */
export function obtainCredential(here: Here, daemon: Daemon, chosen: Chosen): Promise<CredentialReply> {
  return signedIn(here, daemon, chosen, (now) => daemon.credential(now))
}

/** A way into the web console, by the same way. */
export function obtainConsole(
  here: Here,
  daemon: Daemon,
  chosen: Chosen,
  request: Omit<ConsoleRequest, 'workspace' | 'identity'>,
): Promise<ConsoleReply> {
  return signedIn(here, daemon, chosen, (now) => daemon.console({ ...request, ...now }))
}

/** A token for an EKS cluster, by the same way. */
export function obtainEksToken(
  here: Here,
  daemon: Daemon,
  chosen: Chosen,
  request: Omit<EksTokenRequest, 'workspace' | 'identity'>,
): Promise<ClusterTokenReply> {
  return signedIn(here, daemon, chosen, (now) => daemon.eksToken({ ...request, ...now }))
}

/** A token for a cluster of Azure's or Google Cloud's, by the same way. */
export function obtainClusterToken(
  here: Here,
  daemon: Daemon,
  chosen: Chosen,
  request: Omit<ClusterTokenRequest, 'workspace' | 'identity'>,
): Promise<ClusterTokenReply> {
  const asker = here.env.KUBERNETES_EXEC_INFO === undefined ? {} : { asker: here.parent }
  return signedIn(here, daemon, chosen, (now) => daemon.clusterToken({ ...request, ...asker, ...now }))
}

async function signedIn<T extends { identity: string; variables?: Record<string, string> }>(
  here: Here,
  daemon: Daemon,
  chosen: Chosen,
  ask: (now: Chosen) => Promise<T>,
): Promise<T> {
  const reply = await withIdentity(here, chosen, async (now) => {
    try {
      return await ask(now)
    } catch (error) {
      if ((error as AuthError).code !== 'LoginRequired' || !isInteractive(here)) throw error
      await applyAfterLogin(here, daemon, await signIn(here, daemon, now, { browser: true }))
      return ask(now)
    }
  })
  for (const name of refusedVariables(reply))
    here.err(
      `atmosctl: ${name} in the env of "${reply.identity}" is left out: it decides\n  whose credentials a tool uses.\n`,
    )
  return reply
}
