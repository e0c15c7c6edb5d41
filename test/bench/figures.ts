/** Figures and how they are printed. */

export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** A ratio's median, with the least and the most of it. */
export function spread(ratios: readonly number[]): string {
  const [middle, least, most] = [median(ratios), Math.min(...ratios), Math.max(...ratios)]
  return `${middle.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`
}
