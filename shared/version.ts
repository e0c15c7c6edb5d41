/** The version of the package; a test compares it with package.json. */
export const VERSION = '0.1.0'

/** The version of the control API. It only ever grows: fields and routes are added, none is changed or removed. */
export const API_VERSION = 1
