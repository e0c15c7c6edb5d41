/** Prints the JSON Schema of the configuration; the build keeps it in dist/. */
import { configurationSchema } from '../config/json-schema.ts'

console.log(JSON.stringify(await configurationSchema(), null, 2))
