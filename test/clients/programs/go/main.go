// Asks the AWS SDK's default chain for credentials, each time that a line comes in; prints a JSON line.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
)

type said struct {
	Key       string `json:"key,omitempty"`
	Secret    string `json:"secret,omitempty"`
	Token     string `json:"token,omitempty"`
	Account   string `json:"account,omitempty"`
	Method    string `json:"method,omitempty"`
	ExpiresAt int64  `json:"expiresAt,omitempty"`
	Error     string `json:"error,omitempty"`
}

func main() {
	ctx := context.Background()
	out := json.NewEncoder(os.Stdout)
	settings, err := config.LoadDefaultConfig(ctx)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if err != nil {
			out.Encode(said{Error: err.Error()})
			continue
		}
		out.Encode(answer(settings.Credentials.Retrieve(ctx)))
	}
}

func answer(found aws.Credentials, err error) said {
	if err != nil {
		return said{Error: err.Error()}
	}
	return said{
		Key: found.AccessKeyID, Secret: found.SecretAccessKey, Token: found.SessionToken,
		Account: found.AccountID, Method: found.Source, ExpiresAt: found.Expires.UnixMilli(),
	}
}
