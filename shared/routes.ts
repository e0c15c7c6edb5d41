/** The control API's addresses on the unix socket. The client uses these alone; shapes are in requests.ts and replies.ts. */
export const routes = {
  status: '/v1/status',
  stop: '/v1/stop',
  workspace: '/v1/workspace',
  sessions: '/v1/sessions',
  login: '/v1/login',
  loginAnswer: '/v1/login/answer',
  logout: '/v1/logout',
  logoutAll: '/v1/logout/all',
  whoami: '/v1/whoami',
  grants: '/v1/grants',
  revoke: '/v1/grants/revoke',
  credential: '/v1/credential',
  keys: '/v1/keys',
  forgetKeys: '/v1/keys/forget',
  unlock: '/v1/unlock',
} as const
