/** The client's own `az`, asked for a token. What it says in its failures decides what they are. */
import type { AzureToken } from '../../shared/credential.ts'
import { AuthError } from '../../shared/errors.ts'
import { printable } from '../../shared/printable.ts'
import type { Clock } from '../system/clock.ts'
import { type Ended, programOnPath, runProgram } from '../system/program.ts'
import { azureToken } from './entra-token.ts'
import { expiryOf } from './jwt-claims.ts'

/** What az finds itself, its sign-in and its way out by. */
export const AZ_NAMES = [
  'PATH',
  'HOME',
  'AZURE_CONFIG_DIR',
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'NO_PROXY',
  'REQUESTS_CA_BUNDLE',
]
/** Nothing is sent to Microsoft about the run, and nothing but a failure is said. */
const QUIET = {
  AZURE_CORE_COLLECT_TELEMETRY: 'false',
  AZURE_CORE_ONLY_SHOW_ERRORS: 'true',
  AZURE_CORE_NO_COLOR: 'true',
}
/** az takes seconds, and twenty where it begins with nothing in memory. */
const LIMIT_MS = 45_000

export interface AzTokenRequest {
  tenant: string
  subscription: string | undefined
  scopes: readonly string[]
  variable(name: string): string | undefined
  clock: Clock
  signal: AbortSignal
}

/** `az account get-access-token`. EnvironmentMissing without az, LoginRequired where nobody is signed in to it. */
export async function azTokenRequest(request: AzTokenRequest): Promise<AzureToken> {
  const { variable, clock, signal } = request
  const file = await programOnPath('az', variable('PATH') ?? '')
  if (file === undefined) throw missing()
  const given = AZ_NAMES.flatMap((name) => {
    const value = variable(name)
    return value === undefined ? [] : [[name, value]]
  })
  const env = { ...Object.fromEntries(given), ...QUIET }
  const ended = await runProgram({ file, args: argumentsOf(request), env, limitMs: LIMIT_MS, clock, signal })
  return processAz(ended, request)
}

/** Of the two, az takes one. A subscription says which of several accounts is meant. */
function argumentsOf({ tenant, subscription, scopes }: AzTokenRequest): string[] {
  const whose = subscription === undefined ? ['--tenant', tenant] : ['--subscription', subscription]
  return ['account', 'get-access-token', '--output', 'json', ...whose, '--scope', ...scopes]
}

export function processAz(ended: Ended, request: Pick<AzTokenRequest, 'tenant' | 'scopes'>): AzureToken {
  if (ended.code !== 0) throw refusal(ended, request.tenant)
  const { accessToken, tenant, expires_on } = answerIn(ended.stdout)
  if (typeof accessToken !== 'string') throw unusable()
  // `expiresOn` is a local time with no zone; new versions have `expires_on`, and the token says it itself.
  const expiresAt = expiryOf(accessToken) ?? Number(expires_on) * 1000
  if (!Number.isFinite(expiresAt)) throw unusable()
  if (typeof tenant === 'string') checkTenant(tenant, request.tenant)
  return azureToken({ token: accessToken, expiresAt }, request)
}

/** A subscription leads to its own tenant. A domain's id is not known here. */
function checkTenant(given: string, wanted: string): void {
  if (!/^[0-9a-f-]{36}$/i.test(wanted) || given.toLowerCase() === wanted.toLowerCase()) return
  throw new AuthError(
    'UpstreamInvalid',
    `az gave a token of the tenant ${printable(given, 60)}, not of ${wanted}.`,
    {
      hint: 'Check tenant_id and subscription_id: the subscription belongs to another tenant.',
    },
  )
}

function refusal({ stderr, code }: Ended, tenant: string): AuthError {
  const said = lastLine(stderr)
  const hint = `Run \`az login --tenant ${tenant}\`.`
  if (code === undefined)
    return new AuthError('UpstreamUnavailable', `az gave no token within ${LIMIT_MS / 1000} seconds.`)
  if (/az login|AADSTS(?:50|53|70)\d+|refresh token|Interactive authentication/i.test(stderr)) {
    const message = `The Azure CLI is not signed in to ${tenant}${said === '' ? '' : `: ${said}`}`
    return new AuthError('LoginRequired', message, { hint, details: { signInOf: 'az' } })
  }
  if (/subscription.*(?:not found|doesn't exist)/i.test(stderr))
    return new AuthError('UpstreamInvalid', `az knows no such subscription: ${said}`, {
      hint: `Check subscription_id, or run \`az login --tenant ${tenant}\` with an account that has it.`,
    })
  if (/ConnectionError|Max retries|resolve|timed out|ProxyError|SSLError|CERTIFICATE_VERIFY/i.test(stderr))
    return new AuthError('UpstreamUnavailable', `az could not reach Entra ID: ${said}`)
  return new AuthError('UpstreamInvalid', `az gave no token (it ended with ${code}): ${said}`)
}

/** Tracebacks end with what they are about, and az says one thing a line. */
function lastLine(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '')
  const line = lines.find((one) => /^ERROR:/.test(one)) ?? lines.at(-1) ?? ''
  return printable(line.replace(/^ERROR:\s*/, ''), 300)
}

function answerIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    throw unusable()
  }
}

function unusable(): AuthError {
  return new AuthError('UpstreamInvalid', 'az answered with nothing usable.', {
    hint: 'Run `az account get-access-token` to see what it says, and `az upgrade` where it is old.',
  })
}

function missing(): AuthError {
  return new AuthError(
    'EnvironmentMissing',
    'The Azure CLI is not there: the PATH of this shell has no az.',
    {
      hint: 'Install it, or use azure/device-code or azure/interactive, which need none.',
    },
  )
}
