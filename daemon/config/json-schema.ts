/** The configuration's shape as JSON Schema, from the same zod schemas that check it: for editors, and for other checkers. */
import * as z from 'zod'
import { type Role, sections } from '../graph/node.ts'
import { type Catalog, catalog } from '../kinds/catalog.ts'
import { foreignKinds } from '../kinds/foreign.ts'
import { commons, envelope } from './schema.ts'

export type JsonSchema = z.core.JSONSchema.BaseSchema

const roles = Object.keys(sections) as Role[]

/**
 * JSON Schema (2020-12) of a whole atmos.yaml, of which it knows `auth:` alone. An editor sees the text of a YAML
 * function in place of its value, so every scalar may be any text: patterns are left to `atmosctl validate`.
 */
export async function configurationSchema(kinds: Catalog = catalog): Promise<JsonSchema> {
  const loaded = await Promise.all(
    Object.entries(kinds).map(async ([name, load]) => ({ name, kind: (await load()).default })),
  )
  const definitions = loaded.map(({ name, kind }) => {
    const [common, own] = [shapeOf(commons[kind.role]), shapeOf(kind.config)]
    return [placeOf(name), { title: name, ...merged(common, own, { kind: { const: name } }) }] as const
  })
  const layers = roles.map((role) => {
    const names = loaded.filter(({ kind }) => kind.role === role).map(({ name }) => name)
    return [role, layer(role, names)] as const
  })
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'atmos.yaml, as atmosd reads it',
    type: 'object',
    properties: { auth: { $ref: '#/$defs/auth' } },
    $defs: { auth: authSection(), ...Object.fromEntries(layers), ...Object.fromEntries(definitions) },
  }
}

function authSection(): JsonSchema {
  const shape = shapeOf(envelope)
  const entries = roles.map((role) => {
    const { description } = (shape.properties?.[sections[role]] ?? {}) as JsonSchema
    const type = ['object', 'string', 'null'] as never // `!include FILE`, and a heading with nothing below it
    return [sections[role], { description, type, additionalProperties: { $ref: `#/$defs/${role}` } }]
  })
  return {
    ...shape,
    title: 'Sign-in, and the credentials that come of it',
    type: ['object', 'string', 'null'] as never,
    properties: { ...shape.properties, ...Object.fromEntries(entries) },
  }
}

/** One entry of a layer: its kind decides what else may stand in it. One without adds to an entry of a layer below. */
function layer(role: Role, kinds: readonly string[]): JsonSchema {
  return {
    title: `One of ${sections[role]}`,
    type: ['object', 'string'] as never,
    properties: { kind: { type: 'string', enum: [...kinds, ...foreignKinds[role]] } },
    allOf: kinds.map((name) => ({
      if: { type: 'object', required: ['kind'], properties: { kind: { const: name } } },
      // biome-ignore lint/suspicious/noThenProperty: the word of JSON Schema
      then: { $ref: `#/$defs/${placeOf(name)}` },
    })),
  }
}

function placeOf(kind: string): string {
  return kind.replaceAll('/', '.')
}

function shapeOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...shape } = z.toJSONSchema(schema, { io: 'input' })
  return permissive(shape)
}

function merged(common: JsonSchema, own: JsonSchema, more: Record<string, JsonSchema>): JsonSchema {
  return {
    ...own,
    properties: { ...common.properties, ...own.properties, ...more },
    required: [...new Set([...(common.required ?? []), ...(own.required ?? [])])],
    additionalProperties: false,
  }
}

/** The same, with any text where a scalar is. */
function permissive(schema: JsonSchema): JsonSchema {
  const { pattern: _, format: __, enum: choice, ...rest } = withinEach(schema)
  if (choice) return { ...rest, anyOf: [{ enum: choice }, { type: 'string' }] }
  if (rest.anyOf) return oneType(rest)
  if (rest.type === 'boolean') return { ...rest, type: ['boolean', 'string'] as never }
  if (rest.type !== 'integer' && rest.type !== 'number') return rest
  const { minimum: ___, maximum: ____, ...number } = rest
  return { ...number, type: [rest.type, 'string'] as never }
}

/** A choice between bare types is one list of types. */
function oneType(schema: JsonSchema): JsonSchema {
  const { anyOf: choices = [], ...rest } = schema
  if (choices.some((one) => Object.keys(one).join() !== 'type')) return schema
  return { ...rest, type: [...new Set(choices.flatMap(({ type }) => type))] as never }
}

function withinEach({ properties, items, additionalProperties, anyOf, ...rest }: JsonSchema): JsonSchema {
  const one = <T>(inner: T): T => (typeof inner === 'object' ? (permissive(inner as JsonSchema) as T) : inner)
  const each = <T>(inner: Record<string, T>) =>
    Object.fromEntries(Object.entries(inner).map(([key, value]) => [key, one(value)]))
  return {
    ...rest,
    ...(properties ? { properties: each(properties) } : {}),
    ...(items && !Array.isArray(items) ? { items: one(items) } : {}),
    ...(additionalProperties === undefined ? {} : { additionalProperties: one(additionalProperties) }),
    ...(anyOf ? { anyOf: anyOf.map(one) } : {}),
  }
}
