"""Asks STS who it is with boto3's default credentials, each time that a line comes in; prints a JSON line."""
import json
import os
import sys

import boto3

session = boto3.Session()
sts = session.client("sts", endpoint_url=os.environ["AWS_ENDPOINT_URL_STS"])
for _ in sys.stdin:
    try:
        arn = sts.get_caller_identity()["Arn"]
        credentials = session.get_credentials()
        said = {"arn": arn, "key": credentials.get_frozen_credentials().access_key, "method": credentials.method}
    except Exception as error:
        said = {"error": str(error)}
    print(json.dumps(said), flush=True)
