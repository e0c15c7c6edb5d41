"""Gets a token with google-auth's default credentials, each time that a line comes in; prints a JSON line."""
import json
import sys

import google.auth
import google.auth.transport.requests
from google.oauth2 import id_token

request = google.auth.transport.requests.Request()
credentials = project = None
for line in sys.stdin:
    try:
        if credentials is None:
            scopes = ["https://www.googleapis.com/auth/cloud-platform"]
            credentials, project = google.auth.default(scopes=scopes, request=request)
        audience = line.strip()
        if audience:
            said = {"identity": id_token.fetch_id_token(request, audience)}
        else:
            credentials.before_request(request, "GET", "https://storage.googleapis.com/", {})
            said = {"token": credentials.token, "project": project, "kind": type(credentials).__module__}
    except Exception as error:
        said = {"error": str(error)}
    print(json.dumps(said), flush=True)
