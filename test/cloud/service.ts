import type { Operation } from './knobs.ts'
import type { State } from './state.ts'
import type { Asked, Refused, Reply } from './wire.ts'

/** What one operation of a service answers. */
export type Service = (state: State, asked: Asked) => Reply | Promise<Reply>
/** How a service says no. */
export type Refusal = (refused: Refused) => Reply
/** Who answers a request; without an operation nothing is counted and no fault strikes. */
export type Found = [operation: Operation | undefined, service: Service, refusal: Refusal]
