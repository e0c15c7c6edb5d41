/** Asks the human. In the background there is none: every member then throws LoginRequired. */
export interface Prompt {
  /** Shows an address and a code to be confirmed there. */
  deviceCode(shown: { userCode: string; verificationUri: string; address: string; expiresAt: number }): void
  /** Whether the human's browser is on this machine, so that an address can send it back to a listener here. */
  hasBrowser(): boolean
  /** Sends the human's browser to an address. */
  browser(shown: { address: string; expiresAt: number }): void
  /** Asks the human to do something elsewhere: in a window that has opened, on a phone. */
  wait(shown: { what: string; expiresAt: number }): void
  /** Asks for one line. */
  ask(question: { label: string; secret: boolean }): Promise<string>
}
