/** What a request for a token of a managed identity asks for, in each of the forms that Azure has of it. Pure. */
import { azureClouds } from '../../shared/azure-clouds.ts'
import { AuthError } from '../../shared/errors.ts'
import { printable } from '../../shared/printable.ts'

export interface Question {
  /** As it was asked. */
  resource: string
  scope: string
  /** Which identity of the machine's is meant, where that is said. */
  meant?: { as: keyof Known; value: string }
}

/** By what an identity can be named. */
export interface Known {
  client: string | undefined
  object: string | undefined
  resource: string | undefined
}

/** What distinguishes one form of the question from another. */
export interface Form {
  /** None where the form has no versions. */
  versions: readonly string[]
  names: Readonly<Record<string, keyof Known>>
}

const NONE = { client_id: 'client', object_id: 'object' } as const

/** Azure App Service, "Use managed identities": REST endpoint reference. */
export const appService: Form = {
  versions: ['2019-08-01'],
  names: { ...NONE, principal_id: 'object', mi_res_id: 'resource' },
}

/** Microsoft Entra ID, "Use managed identities on a virtual machine": get a token using HTTP. */
export const instanceMetadata: Form = {
  versions: ['2021-02-01', '2020-06-01', '2019-11-01', '2019-08-01', '2018-02-01'],
  names: { ...NONE, msi_res_id: 'resource' },
}

/** The machine's own identity and no other. */
export const cloudShell: Form = { versions: [], names: {} }

const everyName = Object.keys({ ...appService.names, ...instanceMetadata.names })

/** The question. BadRequest, with Azure's word for what is wrong with it. */
export function questionIn(asked: URLSearchParams, { versions, names }: Form): Question {
  const version = only(asked, 'api-version')
  if (versions.length > 0 && !versions.includes(version ?? '')) throw wrongVersion(version, versions)
  const said = everyName.filter((name) => asked.has(name))
  if (said.length > 1) throw malformed(`${said.join(' and ')} cannot be used together.`)
  const [name] = said
  const as = name === undefined ? undefined : names[name]
  if (name && !as) throw malformed(`${name} cannot be used here.`)
  const resource = only(asked, 'resource')
  if (!resource) throw malformed('The request names no resource.')
  const scope = scopeOf(resource)
  return name && as ? { resource, scope, meant: { as, value: only(asked, name) ?? '' } } : { resource, scope }
}

const LONGEST_RESOURCE = 256
const GUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i
const ADDRESS = /^[a-z][a-z\d+.-]*:(?:\/\/)?[\w-][\w.:~%/-]*$/i

/** A resource is an application's id or one of its addresses; the slash at its end says nothing. */
function scopeOf(resource: string): string {
  const bare = resource.replace(/\/$/, '')
  const isSound = GUID.test(bare) || (ADDRESS.test(bare) && !bare.endsWith('/.default'))
  if (isSound && resource.length <= LONGEST_RESOURCE) return `${bare}/.default`
  throw azureRefusal('invalid_resource', `"${printable(resource, 60)}" is not the address of a resource.`, {
    hint: `One is ${azureClouds.public.management}/.`,
  })
}

/** A refusal with Azure's own word for it. */
export function azureRefusal(
  error: string,
  message: string,
  { hint, ...azure }: { hint?: string; [name: string]: unknown } = {},
): AuthError {
  return new AuthError('BadRequest', message, { hint, details: { azure: { error, ...azure } } })
}

function malformed(message: string): AuthError {
  return azureRefusal('invalid_request', message)
}

/** Azure Instance Metadata Service, "Versions". */
function wrongVersion(version: string | undefined, versions: readonly string[]): AuthError {
  const [error, message] = version
    ? ['Bad request. api-version is invalid or was not supported.', 'This api-version is not spoken here.']
    : ['Bad request. api-version was not specified in the request.', 'The request names no api-version.']
  return azureRefusal(error, message, { 'newest-versions': versions.slice(0, 3) })
}

function only(asked: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = asked.getAll(name)
  if (more.length > 0) throw malformed(`The request names ${name} twice.`)
  return value
}
