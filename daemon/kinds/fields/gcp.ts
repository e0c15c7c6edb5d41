/** Fields of Google Cloud's kinds. */
import * as z from 'zod'
import { serviceSpec } from '../fields.ts'

/** May have a domain before it (`example.com:project`). Google's own are longer; Atmos takes any. */
export const projectId = z
  .string()
  .regex(
    /^(?:[a-z0-9.-]+:)?[a-z](?:[a-z0-9-]{0,28}[a-z0-9])?$/,
    'must be a project id such as my-project-123',
  )
  .describe('Id of a Google Cloud project')

export const region = z
  .string()
  .regex(/^[a-z]+-[a-z]+\d{1,2}$/, 'must be a Google Cloud region such as us-central1')
  .describe('Google Cloud region, such as us-central1')

export const zone = z
  .string()
  .regex(/^[a-z]+-[a-z]+\d{1,2}-[a-z]$/, 'must be a Google Cloud zone such as us-central1-a')
  .describe('Google Cloud zone, such as us-central1-a')

export const scopes = z
  .array(z.string().regex(/^\S+$/, 'must be a scope such as https://www.googleapis.com/auth/cloud-platform'))
  .min(1)
  .describe('OAuth scopes; https://www.googleapis.com/auth/cloud-platform unless given')

export const serviceAccount = z
  .string()
  .regex(
    /^[^@\s]+@(?:[^@\s]+\.)?gserviceaccount\.com$/,
    'must be the mail address of a service account, such as name@project.iam.gserviceaccount.com',
  )
  .describe('Mail address of a service account')

export const gcpSpec = serviceSpec(['oauth2', 'sts', 'iamcredentials', 'container'])
