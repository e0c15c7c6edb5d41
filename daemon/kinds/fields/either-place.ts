/** Fields that may stand at the top level of a provider or under its `spec:`, as GCP's and Azure's may. */
import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'
import { Secret } from '../../../shared/secret.ts'

type Shape = Readonly<Record<string, z.ZodType>>
type Level = Readonly<Record<string, unknown>>
type Found = { path: string[]; value: unknown }

/**
 * The fields of `own` as one object, from wherever each of them stands, and in `spec` what stands only there. A field
 * that is given twice has to be the same in both places. `former` are names of old, each with its present one.
 */
export function eitherPlace<S extends Shape, O extends Shape>(
  own: S,
  only: z.ZodObject<O>,
  former: Readonly<Record<string, keyof S & string>> = {},
) {
  const names = Object.keys(own)
  const formerOf = (name: string) => Object.keys(former).filter((old) => former[old] === name)
  const shape = Object.fromEntries([
    ...names.map((name) => [name, own[name]?.optional()]),
    ...Object.entries(former).map(([old, name]) => [old, own[name]?.optional()]),
  ]) as Shape
  const required = names.filter((name) => !own[name]?.safeParse(undefined).success)

  return z
    .strictObject({ ...shape, spec: z.strictObject({ ...shape, ...only.shape }).optional() })
    .superRefine(
      (given, context) => {
        if (!isLevel(given) || context.issues.some(({ path }) => path?.join() === 'spec')) return
        for (const name of names) {
          const spelled = [name, ...formerOf(name)]
          const [first, ...others] = placesOf(given, spelled)
          const other = others.find(({ value }) => !isDeepStrictEqual(plain(value), plain(first?.value)))
          if (first && other) differ(context, first, other)
          const known = first ?? context.issues.find(({ path }) => spelled.includes(fieldAt(path)))
          if (!known && required.includes(name))
            context.addIssue({ code: 'custom', path: emptyPlace(given, spelled), message: 'is missing' })
        }
      },
      { when: () => true },
    )
    .meta(required.length > 0 ? { allOf: required.map((name) => somewhere([name, ...formerOf(name)])) } : {})
    .transform((given): z.output<z.ZodObject<S>> & { spec?: z.output<z.ZodObject<O>> } => {
      const fields = names.flatMap((name) => {
        const [found] = placesOf(given, [name, ...formerOf(name)])
        return found ? [[name, found.value]] : []
      })
      const rest = Object.entries(given.spec ?? {}).filter(([name]) => name in only.shape)
      const spec = rest.length > 0 ? { spec: Object.fromEntries(rest) } : {}
      return { ...Object.fromEntries(fields), ...spec } as never
    })
}

/** Every place of a field, the first its place of choice, with what stands there. */
function placesOf(given: Level, spelled: readonly string[]): Found[] {
  return allPlaces(given, spelled).filter(({ value }) => value !== undefined)
}

function allPlaces(given: Level, spelled: readonly string[]): Found[] {
  const levels: [string[], unknown][] = [
    [[], given],
    [['spec'], given.spec],
  ]
  return levels.flatMap(([path, level]) =>
    spelled
      .filter((name) => isLevel(level) && Object.hasOwn(level, name))
      .map((name) => ({ path: [...path, name], value: (level as Level)[name] })),
  )
}

/** Where a field is that has no value, as one of a variable that is not set; else where it should be. */
function emptyPlace(given: Level, spelled: readonly string[]): string[] {
  return allPlaces(given, spelled)[0]?.path ?? spelled.slice(0, 1)
}

function fieldAt([first, second]: readonly PropertyKey[] = []): string {
  return String(first === 'spec' ? second : first)
}

function differ(context: z.RefinementCtx, first: Found, other: Found): void {
  const message = `is not the same as ${first.path.join('.')}; give it once`
  context.addIssue({ code: 'custom', path: other.path, message })
}

function isLevel(value: unknown): value is Level {
  return typeof value === 'object' && value !== null
}

/** A value that can be compared; it goes nowhere else. */
function plain(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal()
  if (!isLevel(value) || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}

/** JSON Schema: one of the names, at either place. */
function somewhere(spelled: readonly string[]) {
  const here = spelled.map((name) => ({ required: [name] }))
  return { anyOf: [...here, { required: ['spec'], properties: { spec: { anyOf: here } } }] }
}
