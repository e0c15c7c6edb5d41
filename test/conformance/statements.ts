/**
 * Names of tests begin with the numbers of the statements that they show: `'41: …'`, `'41, 43: …'`. A statement is one
 * thing that a protocol, or a client of it, asks of the daemon.
 */

/** The statements that this version answers for, by what they are about. */
export const claimed: readonly [first: number, last: number, what: string][] = [
  [1, 25, 'what all HTTP endpoints have in common'],
  [26, 59, 'the container credentials endpoint of AWS'],
  [60, 95, 'the instance metadata service of AWS, version 2'],
  [96, 108, 'credential_process'],
  [109, 149, 'the metadata server of Google Cloud'],
  [150, 162, 'credential files of the type external_account'],
  [163, 197, 'the managed identities of Azure'],
  [198, 208, 'IAM Identity Center, whose client the daemon is'],
  [209, 212, 'the web console of AWS'],
  [213, 214, 'AssumeRoot'],
  [215, 224, 'credential helpers of Docker'],
  [225, 237, 'exec plugins of Kubernetes'],
  [238, 242, 'tokens of GitHub Actions'],
]

/** The last one there is. Those in between that are not claimed have tests or have none. */
const LAST = 242

/** A test's name where it is given to `test`, unless the line is a comment. */
const NAMED = /^(?!\s*(?:\/\/|\*)).*?\bt\.test\(\s*(?:\n\s*)?(['"`])(\d+(?:, \d+)*): /gm

/** The numbers that names of tests in a file begin with, each with how often. */
export function numbersIn(text: string): number[] {
  return [...text.matchAll(NAMED)].flatMap(([, , numbers = '']) => numbers.split(', ').map(Number))
}

/** What is claimed and not shown, and numbers that are no statement's. */
export function differences(shown: Iterable<number>): { missing: number[]; unknown: number[] } {
  const wanted = new Set(
    claimed.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, index) => first + index)),
  )
  const found = new Set(shown)
  return {
    missing: [...wanted].filter((number) => !found.has(number)),
    unknown: [...found].filter((number) => number < 1 || number > LAST),
  }
}
