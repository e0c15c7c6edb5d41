/** Where the web console of AWS is, and what people call its parts. Pure. */
import { partitionOf } from './aws-partition.ts'
import { destinationIn } from './portal-address.ts'

/** The hosts of one partition's console. */
export interface ConsoleHosts {
  /** Of the federation endpoint. */
  signin: string
  /** Where the console opens. */
  console: string
  /** What every address of the console ends in. */
  domain: string
}

/** As Atmos has them: a service's path is its name, unless another stands after the `=`. */
const ALIASES = new Map(
  `s3 efs fsx glacier backup ec2 lambda lightsail batch elasticbeanstalk serverless=lambda/home#/applications
  ecs ecr eks fargate=ecs rds dynamodb elasticache neptune timestream documentdb=docdb keyspaces qldb memorydb
  vpc cloudfront route53 apigateway directconnect elb=ec2/v2/home#LoadBalancers globalaccelerator
  transitgateway=vpc/home#TransitGateways privatelink=vpc/home#Endpoints iam organizations cognito
  secretsmanager kms acm waf=wafv2 shield guardduty inspector macie securityhub detective sso=singlesignon
  directory=directoryservicev2 cloudwatch cloudtrail config cloudformation servicecatalog systems-manager
  ssm=systems-manager opsworks controltower license-manager resource-groups
  tag-editor=resource-groups/tag-editor trusted-advisor=trustedadvisor well-architected=wellarchitected
  codecommit codebuild codedeploy codepipeline codeartifact cloud9 xray athena emr cloudsearch
  elasticsearch=aos opensearch=aos kinesis quicksight glue lake-formation=lakeformation msk redshift sns sqs
  eventbridge mq=amazon-mq step-functions=states appflow dms datasync transfer migration-hub=migrationhub
  application-discovery=discovery server-migration=servermigration billing
  cost-explorer=cost-management/home#/cost-explorer budgets=billing/home#/budgets sagemaker rekognition textract
  comprehend translate polly transcribe lex personalize forecast kendra bedrock iot-core=iot
  iot-analytics=iotanalytics iot-events=iotevents greengrass workspaces appstream=appstream2 worklink
  console=console/home home=console/home dashboard=console/home`
    .split(/\s+/)
    .map((entry) => {
      const [alias = '', path = alias] = entry.split('=')
      return [alias, path] as const
    }),
)

/** Its hosts are the ones without a region. */
const FIRST_REGION = 'us-east-1'

/** The hosts for sessions of a region. KindUnsupported where they are not public. */
export function consoleHosts(region: string): ConsoleHosts {
  const { console: domain } = partitionOf(region)
  // Every region of the public partition has a sign-in of its own, which needs no other region to work.
  const near = domain === 'aws.amazon.com' && region !== FIRST_REGION ? `${region}.` : ''
  return {
    signin: `${near}signin.${domain}`,
    console: `${near}console.${domain}`,
    domain: `console.${domain}`,
  }
}

/** The console's address for what a person asked for: the start page, a short name, or an address. Usage otherwise. */
export function destinationOf(wanted: string | undefined, hosts: ConsoleHosts, region: string): string {
  return destinationIn(wanted ?? 'home', {
    domain: hosts.domain,
    names: [...ALIASES.keys()],
    addressOf(name) {
      const address = new URL(ALIASES.get(name) ?? '', `https://${hosts.console}/`)
      address.searchParams.set('region', region)
      return address.href
    },
  })
}
