"""Gets a token for each scope that comes in as a line, with the credential named in its argument; prints a JSON line."""
import json
import sys

import azure.identity

credential = getattr(azure.identity, sys.argv[1])()
for line in sys.stdin:
    try:
        said = {"token": credential.get_token(line.strip()).token}
    except Exception as error:
        said = {"error": str(error)}
    print(json.dumps(said), flush=True)
