import { inspect } from 'node:util'

const REDACTED = '[redacted]'

/** A string that shows itself only to who asks for it by name: JSON, logs, inspection and templates get `[redacted]`. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The value itself. Call it where the secret leaves for its one destination, and nowhere else. */
  reveal(): string {
    return this.#value
  }

  toJSON(): string {
    return REDACTED
  }

  toString(): string {
    return REDACTED
  }

  [inspect.custom](): string {
    return REDACTED
  }
}
