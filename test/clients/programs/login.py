"""
Says who boto3's default profile is by a sign-in of `aws login`, renewing it first, as its keys have expired; prints a
JSON line.
"""
import json
import os

import boto3

session = boto3.Session()
try:
    sts = session.client("sts", endpoint_url=os.environ["AWS_ENDPOINT_URL_STS"])
    said = {"arn": sts.get_caller_identity()["Arn"], "method": session.get_credentials().method}
except Exception as error:
    said = {"error": type(error).__name__}
print(json.dumps(said))
