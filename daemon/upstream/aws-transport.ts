/** What every AWS client of ours is made with: nothing from the environment or from the user's ~/.aws. */

/**
 * Without these a connection that died while the machine slept would be waited for until the kernel gives up, which
 * takes a quarter of an hour. The SDK tries again on a new connection.
 */
const LIMITS = {
  connectionTimeout: 5_000,
  requestTimeout: 10_000,
  socketTimeout: 10_000,
  throwOnRequestTimeout: true,
}

export function transport(at: { region: string; endpoint: string | undefined }) {
  return {
    region: at.region,
    maxAttempts: 3,
    requestHandler: LIMITS,
    ...(at.endpoint === undefined ? {} : { endpoint: at.endpoint }),
  }
}

/** Uses a client for one piece of work. None of its connections stays behind, to be found dead after a sleep. */
export async function withClient<C extends { destroy(): void }, T>(
  client: C,
  use: (client: C) => Promise<T>,
): Promise<T> {
  try {
    return await use(client)
  } finally {
    client.destroy()
  }
}
