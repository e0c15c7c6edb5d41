/**
 * What a client sends over the control socket: zod schemas, since the daemon checks what it is sent. The client
 * imports the types alone and never loads zod.
 */
import * as z from 'zod'
import { ClusterManner, ClusterWanted, eksToken } from './cluster-requests.ts'
import { dialects } from './dialects.ts'

/** Where a client stands: all that decides which configuration is meant, and none of it secret. */
export const Standing = z.strictObject({
  directory: z.string().startsWith('/'),
  /** Files of `--config` and directories of `--config-path`, absolute; with either nothing else is looked for. */
  config: z.array(z.string().startsWith('/')).max(64).default([]),
  configPath: z.array(z.string().startsWith('/')).max(64).default([]),
  /** Profiles of `--profile`, in order; without any, ATMOS_PROFILE and then the configuration decide. */
  profiles: z.array(z.string().min(1)).max(64).default([]),
  /** The client's values of the variables that move or change the configuration itself. */
  settings: z.record(z.string(), z.string().max(4_096)).default({}),
})
export type Standing = z.infer<typeof Standing>

/** Where a client stands, and the values that its configuration asks it for. */
export const WorkspaceReference = Standing.extend({
  /**
   * By name of a variable of `!env`, or by `$(command)` of `!exec`. `null` says that the client was asked and has
   * none.
   */
  environment: z.record(z.string(), z.string().max(65_536).nullable()).default({}),
})
export type WorkspaceReference = z.infer<typeof WorkspaceReference>
/** The same as a client writes it. */
export type WorkspaceInput = z.input<typeof WorkspaceReference>

const identity = z.string().min(1).max(256).optional()

export const WorkspaceRequest = z.strictObject({ workspace: WorkspaceReference })
export const IdentityRequest = z.strictObject({ workspace: WorkspaceReference, identity })
export const GrantRequest = z.strictObject({
  workspace: WorkspaceReference,
  identity,
  /**
   * How the tool will ask; without it, as tools of the identity's cloud mostly do. `aws-imds` and `gce-metadata` have a
   * port of their own: the given one, or any.
   */
  dialect: z.enum(dialects).optional(),
  port: z.int().min(1_024).max(65_535).optional(),
  /** The process that the grant is for; the grant goes when it has gone. */
  holder: z.int().positive().optional(),
  lifetimeSeconds: z.int().min(60).max(2_592_000).optional(),
})
export const ConsoleRequest = z.strictObject({
  workspace: WorkspaceReference,
  identity,
  /** An address of the console, or a short name of a service. */
  destination: z.string().max(4_096).optional(),
  /** 15 minutes to 12 hours. */
  durationSeconds: z.int().min(900).max(43_200).optional(),
  /** Where AWS says that the sign-in came from. */
  issuer: z
    .string()
    .min(1)
    .max(256)
    .regex(/^[^\p{Cc}]+$/u, 'has characters that cannot be shown')
    .default('atmos'),
  /** The sign-in address itself in place of a page that leads there once. */
  bare: z.boolean().default(false),
})
export const EksTokenRequest = z.strictObject({ workspace: WorkspaceReference, identity, ...eksToken })
export const LoginRequest = z.strictObject({
  workspace: WorkspaceReference,
  identity,
  provider: z.string().min(1).max(256).optional(),
  /** Whether the client opens a browser on its machine, which can come back to a listener there. */
  hasBrowser: z.boolean().optional(),
})
/** For a cluster of Azure's or Google Cloud's. */
export const ClusterTokenRequest = z.strictObject({
  workspace: WorkspaceReference,
  identity,
  /** The application that an AKS cluster is behind, where it is one of its own. */
  audience: z
    .string()
    .regex(/^(?:api:\/\/)?[A-Za-z0-9.-]{1,128}$/, 'is no id of an application')
    .optional(),
  /** The process whose plugin asks: it keeps its token, and asks again once a cluster has refused it. */
  asker: z.int().positive().optional(),
})
export const LogoutRequest = z.strictObject({
  workspace: WorkspaceReference,
  identity,
  provider: z.string().min(1).max(256).optional(),
  all: z.boolean().default(false),
  /** Says what would go, and changes nothing. */
  dryRun: z.boolean().default(false),
})
/** Everything that the daemon holds, of whatever configuration. */
export const LogoutAllRequest = z.strictObject({ dryRun: z.boolean().default(false) })
export const RevokeRequest = z.strictObject({ id: z.string().min(1).max(64) })
/** Long-term keys of an IAM user, for the keyring. Without `keys` the request only looks. */
export const KeysRequest = z.strictObject({
  workspace: WorkspaceReference,
  identity,
  keys: z
    .strictObject({
      accessKeyId: z.string().regex(/^(?!ASIA)\w{16,128}$/, 'is no access key id of a user'),
      secretAccessKey: z.string().min(1).max(1024),
      mfaArn: z.string().min(9).max(256).optional(),
      sessionSeconds: z.int().min(900).max(129_600).optional(),
    })
    .optional(),
})
export const LoginAnswer = z.strictObject({
  question: z.string().max(64),
  answer: z.string().max(4_096),
})
export const TrustRequest = z.strictObject({
  workspace: WorkspaceReference,
  /** Files that a person has read, with the digests of what was shown. */
  allow: z.array(z.strictObject({ path: z.string(), digest: z.string() })).default([]),
})
/** Integrations to apply: one by its name, or those of an identity. */
export const ApplyRequest = z.strictObject({
  workspace: WorkspaceReference,
  identity,
  integration: z.string().min(1).max(256).optional(),
  /** Hosts in place of those that the integration has. */
  registries: z.array(z.string().min(1).max(512)).max(64).default([]),
  /** A cluster in place of those that integrations have; without a region, in the identity's. */
  cluster: ClusterWanted.optional(),
  /** How it is entered, in place of what its integration says. */
  entry: ClusterManner.optional(),
  /** Says what would be entered, and remembers nothing. */
  dryRun: z.boolean().optional(),
  /** Only those that are to be applied at every sign-in; there may be none. */
  auto: z.boolean().default(false),
  /** Those of one tool's alone. */
  type: z.enum(['docker', 'kubeconfig']).optional(),
  /** The file of Docker's that the client is going to write. */
  file: z.string().startsWith('/').max(4_096),
  /** Where kubectl looks: one of these files is written. */
  kubeconfigs: z.array(z.string().startsWith('/').max(4_096)).max(64).default([]),
  /** The home directory, for a path that begins with `~/`. */
  home: z.string().max(4_096).optional(),
  /** Gives out the tokens themselves. */
  static: z.boolean().default(false),
})
export const RegistryRequest = z.strictObject({ host: z.string().min(1).max(4_096) })
export const UnlockRequest = z.strictObject({
  vault: z.string().startsWith('/'),
  password: z.string().max(1024),
})

export type GrantRequest = z.input<typeof GrantRequest>
export type ConsoleRequest = z.input<typeof ConsoleRequest>
export type EksTokenRequest = z.input<typeof EksTokenRequest>
export type LoginRequest = z.input<typeof LoginRequest>
export type ClusterTokenRequest = z.input<typeof ClusterTokenRequest>
export type LogoutRequest = z.input<typeof LogoutRequest>
export type LogoutAllRequest = z.input<typeof LogoutAllRequest>
export type RevokeRequest = z.input<typeof RevokeRequest>
export type KeysRequest = z.input<typeof KeysRequest>
export type LoginAnswer = z.input<typeof LoginAnswer>
export type TrustRequest = z.input<typeof TrustRequest>
export type ApplyRequest = z.input<typeof ApplyRequest>
export type RegistryRequest = z.input<typeof RegistryRequest>
export type UnlockRequest = z.input<typeof UnlockRequest>
