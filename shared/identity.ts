/** Whether an `--identity` or `ATMOS_IDENTITY` value turns atmosd off for this command: `false`, `0`, `no`, `off`. */
export function isSwitchedOff(value: string): boolean {
  return /^(?:false|0|no|off)$/i.test(value.trim())
}
