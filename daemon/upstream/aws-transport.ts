/** What every AWS client of ours is made with: nothing from the environment or from the user's ~/.aws. */
export function transport(at: { region: string; endpoint: string | undefined }) {
  return {
    region: at.region,
    maxAttempts: 3,
    ...(at.endpoint === undefined ? {} : { endpoint: at.endpoint }),
  }
}
