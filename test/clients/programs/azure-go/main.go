// Gets a token for each scope that comes in as a line, with the credential named in its argument; prints a JSON line.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/hashicorp/go-azure-sdk/sdk/auth"
	"github.com/hashicorp/go-azure-sdk/sdk/environments"
)

type getToken func(scope string) (string, error)

// What terraform's azurerm provider and backend have for a managed identity.
func terraform() getToken {
	return func(scope string) (string, error) {
		resource := strings.TrimSuffix(scope, "/.default")
		authorizer, err := auth.NewManagedIdentityAuthorizer(context.Background(), auth.ManagedIdentityAuthorizerOptions{
			Api:                           environments.NewApiEndpoint("test", resource, nil).WithResourceIdentifier(resource),
			CustomManagedIdentityEndpoint: os.Getenv("ARM_MSI_ENDPOINT"),
		})
		if err != nil {
			return "", err
		}
		token, err := authorizer.Token(context.Background(), nil)
		if err != nil {
			return "", err
		}
		return token.AccessToken, nil
	}
}

func sdk(credential azcore.TokenCredential, err error) getToken {
	if err != nil {
		panic(err)
	}
	return func(scope string) (string, error) {
		token, err := credential.GetToken(context.Background(), policy.TokenRequestOptions{Scopes: []string{scope}})
		return token.Token, err
	}
}

func named(name string) getToken {
	switch name {
	case "terraform":
		return terraform()
	case "ManagedIdentityCredential":
		credential, err := azidentity.NewManagedIdentityCredential(nil)
		return sdk(credential, err)
	default:
		credential, err := azidentity.NewDefaultAzureCredential(nil)
		return sdk(credential, err)
	}
}

func main() {
	get := named(os.Args[1])
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		said := map[string]string{}
		token, err := get(lines.Text())
		if err != nil {
			said["error"] = err.Error()
		} else {
			said["token"] = token
		}
		line, _ := json.Marshal(said)
		fmt.Println(string(line))
	}
}
