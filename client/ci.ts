/** Whether a program runs for a machine, by the variables that the makers of CI systems set. Pure. */
import { isSwitchedOff } from '../shared/identity.ts'

/** Each of these alone says so. */
const NAMES = [
  'CI', // most of them
  'CONTINUOUS_INTEGRATION',
  'GITHUB_ACTIONS',
  'GITLAB_CI',
  'CIRCLECI',
  'TRAVIS',
  'BUILDKITE',
  'TF_BUILD', // Azure Pipelines
  'BITBUCKET_BUILD_NUMBER',
  'CODEBUILD_BUILD_ID', // AWS CodeBuild
  'APPVEYOR',
  'DRONE',
  'TEAMCITY_VERSION',
  'SPACELIFT',
]

export function runsInCi(env: Readonly<Record<string, string | undefined>>): boolean {
  const says = (name: string) => Boolean(env[name]) && !isSwitchedOff(env[name] ?? '')
  // Jenkins sets nothing of its own that a developer's machine with its address could not have as well.
  return NAMES.some(says) || (Boolean(env.JENKINS_URL) && Boolean(env.BUILD_ID))
}
