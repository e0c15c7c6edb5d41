import type { Paint } from '../style.ts'

/** What a page is made for. */
export interface Shown {
  paint: Paint
  /** Columns of the terminal, where there is one; elsewhere nothing is cut. */
  columns?: number
  /** Epoch milliseconds. */
  now: number
}
