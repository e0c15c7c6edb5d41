/** What Entra ID's numbered errors mean, in words that a person can do something with. */
import type { FailureCode } from '../../shared/errors.ts'

/** https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
export interface Meaning {
  code: FailureCode
  says: string
  hint?: string
  /** The code where a sign-in is renewed: of some refusals a new sign-in may make an end. */
  renewing?: FailureCode
}

const again = (says: string): Meaning => ({ code: 'LoginRequired', says })
const blocked = (
  says: string,
  hint = 'Ask the administrator of the tenant which policy it is.',
): Meaning => ({
  code: 'AccessDenied',
  says,
  hint,
})
const policy = (says: string, hint?: string): Meaning => ({
  ...blocked(says, hint),
  renewing: 'LoginRequired',
})
const wrong = (says: string, hint: string): Meaning => ({ code: 'UpstreamInvalid', says, hint })

const mfa = again('it wants more than a password, such as a code of an authenticator')
const anotherBrowser = 'Use azure/interactive: the policy may allow a sign-in in the browser of this machine.'
const trust = (says: string): Meaning => ({
  code: 'AccessDenied',
  says,
  hint: 'Compare issuer, subject and audience with the federated credential of the application.',
})

export const meanings: Readonly<Record<number, Meaning>> = {
  // The person has to do something.
  50074: mfa,
  50076: mfa,
  50079: mfa,
  50158: mfa,
  50072: again('a way of multi-factor authentication has to be set up first'),
  50078: again('the multi-factor authentication is too long ago'),
  50055: again('the password has expired'),
  50173: again('the password was changed or the sign-in was revoked'),
  50132: again('the sign-in was revoked'),
  50133: again('the password was changed'),
  70008: again('the sign-in has ended'),
  70043: again('a policy wants a sign-in more often'),
  700082: again('it was not used for too long'),
  700084: again('it lasts a day and no longer'),
  // Nothing that the person can do here.
  50020: blocked(
    'the account is no member or guest of the tenant',
    'Check tenant_id, or sign in with another account.',
  ),
  50034: blocked('the tenant does not know the account', 'Check tenant_id, or sign in with another account.'),
  50057: blocked('the account is disabled', 'Ask the administrator of the tenant.'),
  50105: blocked('the account is not assigned to the application', 'Ask the administrator of the tenant.'),
  53000: policy('Conditional Access wants a compliant device', anotherBrowser),
  53001: policy('Conditional Access wants a joined device', anotherBrowser),
  53003: policy('Conditional Access blocks it'),
  530003: policy('Conditional Access wants a managed device', anotherBrowser),
  530035: policy('security defaults block codes of devices', anotherBrowser),
  65001: blocked(
    'nobody has consented to what the application may do',
    'Let an administrator consent, or leave out client_id to sign in as the Azure CLI does.',
  ),
  65004: { code: 'LoginRefused', says: 'the person did not consent to what the application may do' },
  90094: blocked('an administrator has to consent', 'Ask the administrator of the tenant.'),
  // The configuration.
  90002: wrong(
    'there is no such tenant',
    'Check tenant_id, and cloud_environment where it is no public one.',
  ),
  900023: wrong('that is no tenant', 'Give tenant_id as the id or a domain of the tenant.'),
  700016: wrong('the tenant has no such application', 'Check client_id and tenant_id.'),
  7000218: wrong(
    'the application is no public client',
    'Allow public client flows in its authentication settings, or leave out client_id.',
  ),
  50011: wrong(
    'the application knows no http://localhost',
    'Add http://localhost to its redirect addresses for desktop applications, or leave out client_id.',
  ),
  500011: wrong('the tenant does not know the resource', 'Check the resource that was asked for.'),
  70011: wrong('the scope is not one', 'Ask for one resource, such as https://vault.azure.net/.default.'),
  // The token of a workload.
  70021: trust('no federated credential of the application fits the token'),
  700211: trust('no federated credential has the issuer of the token'),
  700212: trust('no federated credential has the audience of the token'),
  700213: trust('no federated credential has the subject of the token'),
  700223: trust('the application takes no tokens of others'),
  50013: { code: 'CredentialRejected', says: 'the signature of the token is not good' },
  700024: { code: 'CredentialRejected', says: 'the token of the workload has ended' },
  7000215: { code: 'CredentialRejected', says: 'the secret of the application is wrong' },
  7000222: { code: 'CredentialRejected', says: 'the secret of the application has ended' },
  // Passing.
  50196: { code: 'UpstreamThrottled', says: 'it was asked for the same too often' },
  90006: { code: 'UpstreamUnavailable', says: 'it is not available for a moment' },
  90033: { code: 'UpstreamUnavailable', says: 'it is not available for a moment' },
}
