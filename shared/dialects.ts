/** How tools ask for credentials, each in the words of a service of their cloud. */
export const dialects = ['aws-container', 'aws-imds', 'gce-metadata', 'azure-identity'] as const
export type Dialect = (typeof dialects)[number]
