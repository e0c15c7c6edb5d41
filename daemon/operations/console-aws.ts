/** The web console of AWS, signed in with the session of an identity. */
import type * as z from 'zod'
import type { ConsoleReply } from '../../shared/console-reply.ts'
import type { AwsCredential } from '../../shared/credential.ts'
import { AuthError, asAuthError } from '../../shared/errors.ts'
import type { ConsoleRequest } from '../../shared/requests.ts'
import type { Secret } from '../../shared/secret.ts'
import { type Chain, endpointOf, lastStep, type Step } from '../graph/chain.ts'
import { consoleHosts, destinationOf } from '../upstream/aws-console.ts'
import { loginAddress, signinTokenRequest, TOKEN_MS } from '../upstream/aws-federation.ts'
import type { House } from './house.ts'
import { lasting } from './lasting.ts'
import { describeChain } from './whoami.ts'

type Request = z.output<typeof ConsoleRequest>

/** A way in for one browser. Usage for a destination that is not the console; KindUnsupported for what has none. */
export async function awsConsole(
  house: House,
  chain: Chain,
  request: Request,
  isolated: boolean,
): Promise<ConsoleReply> {
  admit(lastStep(chain).node)
  const hosts = consoleHosts(chain.region)
  const destination = destinationOf(request.destination, hosts, chain.region)
  const { credential } = await lasting(house, chain)
  if (credential.type !== 'aws') throw new AuthError('Internal', 'The console of AWS takes keys of AWS.')
  const origin = (endpointOf(chain, 'signin') ?? `https://${hosts.signin}`).replace(/\/+$/, '')
  const { token, seconds } = await signedIn(house, { chain, credential, origin }, request)
  const now = house.clock.now()
  const login = loginAddress({ origin }, { token, destination, issuer: request.issuer })
  const expiresAt = now + TOKEN_MS
  const { key, node } = lastStep(chain)
  house.log.info({ key: key.slice(0, 8), name: node.name, expiresAt }, 'console opened')
  const { identity, kind, realm, provider } = describeChain(chain)
  return {
    identity,
    kind,
    realm,
    ...(provider === undefined ? {} : { provider }),
    ...(credential.accountId === undefined ? {} : { account: credential.accountId }),
    destination,
    address: request.bare ? login.reveal() : doorTo(house, login, expiresAt),
    expiresAt,
    sessionEndsAt: seconds === undefined ? credential.expiresAt : now + seconds * 1000,
    isolated,
    ...unheard(chain, request),
  }
}

function admit(node: Step['node']): void {
  const { role, kind } = node
  if (role !== 'identity' || kind.noConsole === undefined) return
  throw new AuthError('KindUnsupported', `"${node.name}" cannot open a console. ${kind.noConsole}`, {
    hint: 'Use an identity of kind aws/permission-set or aws/assume-role.',
  })
}

interface Entry {
  chain: Chain
  credential: AwsCredential
  origin: string
}

/** A sign-in token, and how long the console was told to last. What only the configuration asks for is no condition. */
async function signedIn({ clock }: House, entry: Entry, { durationSeconds: asked }: Request) {
  const configured = entry.chain.steps[0]?.node
  const wanted = asked ?? (configured?.role === 'provider' ? configured.consoleSeconds : undefined)
  const seconds = isChained(entry.chain) ? undefined : wanted
  const tokenFor = (duration: number | undefined) =>
    signinTokenRequest({ origin: entry.origin, clock }, entry.credential, duration)
  try {
    return { token: await tokenFor(seconds), seconds }
  } catch (error) {
    const failure = asAuthError(error)
    if (failure.code !== 'AccessDenied' || seconds === undefined) throw failure
    if (asked !== undefined) throw tooLong(failure)
    return { token: await tokenFor(undefined), seconds: undefined }
  }
}

function tooLong({ code, message, cause }: AuthError): AuthError {
  const hint = 'The role may not last so long: ask for less with --duration, or leave it out.'
  return new AuthError(code, message, { hint, cause })
}

/** Whether the session is of a role that was assumed from a role: AWS takes no duration for those. */
function isChained({ steps }: Chain): boolean {
  const before = steps.at(-2)?.node
  return before?.role === 'identity' && before.kind.isRole === true
}

function unheard(chain: Chain, { durationSeconds }: Request): Pick<ConsoleReply, 'unheard'> {
  if (durationSeconds === undefined || !isChained(chain)) return {}
  const { name } = lastStep(chain).node
  return { unheard: `--duration has no effect: "${name}" is a role assumed from a role.` }
}

function doorTo({ doors, facts }: House, login: Secret, expiresAt: number): string {
  return `http://${facts.listen}/console/${doors.open(login, expiresAt)}`
}
