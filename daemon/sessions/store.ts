/** Where sessions rest. Every backend passes one suite of tests. */
export interface Store {
  get(key: string): Promise<string | undefined>
  /** Resolves once the value survives a crash, where the backend can promise that. */
  set(key: string, value: string): Promise<void>
  delete(key: string): Promise<void>
  list(): Promise<string[]>
}
