/** Starts a program that goes on without us. False where it cannot be started. */
export async function startDetached(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  const { spawn } = await import('node:child_process')
  const child = spawn(program, args, { stdio: 'ignore', detached: true, env })
  const started = await new Promise<boolean>((resolve) => {
    child.once('spawn', () => resolve(true)).once('error', () => resolve(false))
  })
  child.unref()
  return started
}
