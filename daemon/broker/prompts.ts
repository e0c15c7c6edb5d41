/** Asking a human, or refusing to. */

import { AuthError } from '../../shared/errors.ts'
import type { LoginEvent } from '../../shared/replies.ts'
import type { Prompt } from '../kinds/contract.ts'
import type { Random } from '../system/random.ts'

/** The prompt of everything that happens in the background. */
export const refusing: Prompt = {
  deviceCode: refuse,
  browser: refuse,
  wait: refuse,
  hasBrowser: refuse,
  ask: refuse,
}

function refuse(): never {
  throw new AuthError('LoginRequired', 'A person has to sign in.')
}

export type Listener = (event: LoginEvent) => void

/** The people who watch one sign-in. Who comes later is shown what the others were; the first answer counts. */
export interface Audience {
  prompt: Prompt
  join(listener: Listener): () => void
}

export interface Audiences {
  /** Open questions are given up when `signal` aborts. `hasBrowser` is for the prompt. */
  gather(signal: AbortSignal, hasBrowser: boolean): Audience
  /** Answers an open question; false where there is none of that name. */
  answer(question: string, text: string): boolean
}

export function openAudiences(random: Random): Audiences {
  const questions = new Map<string, (answer: string) => void>()
  return {
    answer(question, text) {
      questions.get(question)?.(text)
      return questions.delete(question)
    },
    gather(signal, hasBrowser) {
      const listeners = new Set<Listener>()
      const past: LoginEvent[] = []
      const show = (event: LoginEvent) => {
        past.push(event)
        for (const listener of listeners) listener(event)
      }
      return {
        prompt: {
          hasBrowser: () => hasBrowser,
          deviceCode: (shown) => show({ type: 'device-code', ...shown }),
          browser: (shown) => show({ type: 'browser', ...shown }),
          wait: (shown) => show({ type: 'wait', ...shown }),
          ask: (asked) =>
            new Promise((resolve, reject) => {
              const question = random.token(16)
              signal.addEventListener('abort', () => {
                questions.delete(question)
                reject(new AuthError('LoginCancelled', 'The sign-in was cancelled.'))
              })
              questions.set(question, resolve)
              show({ type: 'question', question, ...asked })
            }),
        },
        join(listener) {
          listeners.add(listener)
          for (const event of past) listener(event)
          return () => void listeners.delete(listener)
        },
      }
    },
  }
}
