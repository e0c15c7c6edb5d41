/** The forms of the identity providers that are signed in to page by page, as far as their names tell them apart. */
import type { Dialect } from './saml-forms.ts'

/** Active Directory Federation Services: one form, then one of the method that verifies further. */
export const adfs: Dialect = {
  driver: 'ADFS',
  user: /^(?:(?:ctl00\$ContentPlaceHolder1\$)?UsernameTextBox|UserName|Email)$/i,
  password: /^(?:(?:ctl00\$ContentPlaceHolder1\$)?PasswordTextBox|Password)$/i,
  code: /^(?:(?:verification|security|pass|mfa|otp)_?-?code|otp|totp|challengequestionanswer|oathcode)$/i,
  locked: /account (?:has been|is) (?:locked|disabled)|locked out/i,
}

/** Google accounts: the name on one page, the password on the next, a code on a third. */
export const googleApps: Dialect = {
  driver: 'GoogleApps',
  user: /^(?:identifier|identifierId|Email)$/,
  password: /^(?:Passwd|password)$/,
  code: /^(?:totpPin|Pin|idvPin|phoneNumber?Pin|backupCodePin)$/i,
  locked: /account (?:has been|is) (?:disabled|suspended|locked)/i,
}
