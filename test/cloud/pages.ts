/** What a human sees in the browser. */
import { escaped, type Reply } from './wire.ts'

const STYLE =
  'body{font:1.05rem/1.5 system-ui,sans-serif;max-width:28rem;margin:15vh auto;padding:0 1rem;color:#1c2733;background:#f4f6f8}main{background:#fff;border-radius:12px;padding:2rem;box-shadow:0 1px 4px #0002}code{font-size:1.6rem;letter-spacing:.1em}button{font:inherit;padding:.5rem 1.2rem;border-radius:8px;border:1px solid #1c2733;background:#fff;margin-right:.5rem}button[value=approved]{background:#1c5d99;border-color:#1c5d99;color:#fff}'

export function decisionPage(action: string, what: string, hidden: Record<string, string>): Reply {
  const inputs = Object.entries(hidden)
    .map(([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`)
    .join('')
  return page(`<h1>Sign in</h1><p>${what}</p><form method="post" action="${action}">${inputs}
<button name="decision" value="approved">Approve</button><button name="decision" value="denied">Deny</button></form>`)
}

export function saidPage(text: string, status = 200): Reply {
  return page(`<h1>Sandbox cloud</h1><p>${escaped(text)}</p>`, status)
}

export function codeShown(userCode: string): string {
  return `A program on your machine asks for access with this code:<br><code>${escaped(userCode)}</code>`
}

function page(main: string, status = 200): Reply {
  return {
    status,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy':
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self' http://127.0.0.1:*",
    },
    body: `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sandbox cloud</title><style>${STYLE}</style><main>${main}</main></html>`,
  }
}
