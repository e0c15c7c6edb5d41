/** A person who signs in to AWS with the browser of another machine. */
import { finished, type Outcome, type TestHome } from './house.ts'

/** `atmosctl login` with no browser: goes to the address that it shows and enters the code that it finds there. */
export async function pastedLogin(
  home: TestHome,
  identity: string,
): Promise<{ address: string; outcome: Outcome }> {
  const login = home.start(['login', '-i', identity, '--no-browser'])
  const ended = Promise.withResolvers<never>()
  login.once('close', (code) => ended.reject(new Error(`login ended with ${code} and showed no address`)))
  ended.promise.catch(() => {})
  let shown = ''
  const address = await Promise.race([
    ended.promise,
    new Promise<string>((resolve) => {
      login.stderr?.on('data', (chunk) => {
        shown += chunk
        const found = /Open {3}(http\S+)\n/.exec(shown)?.[1]
        if (found) resolve(found)
      })
    }),
  ])
  const page = await (await fetch(address)).text()
  const code = /Enter this code: ([\w+/=]+)/.exec(page)?.[1] ?? ''
  const { stderr, ...outcome } = await finished(login, `${code}\n`)
  return { address, outcome: { ...outcome, stderr: shown || stderr } }
}
