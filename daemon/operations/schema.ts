import { configurationSchema, type JsonSchema } from '../config/json-schema.ts'

let made: Promise<JsonSchema> | undefined

/** The JSON Schema of the configuration: the same as long as the daemon runs. */
export function schema(): Promise<JsonSchema> {
  made ??= configurationSchema()
  return made
}
