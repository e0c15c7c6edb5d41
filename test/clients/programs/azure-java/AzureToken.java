/** Gets a token for each scope that comes in as a line, with the credential named in its argument; prints a JSON line. */
import com.azure.core.credential.TokenCredential;
import com.azure.core.credential.TokenRequestContext;
import com.azure.identity.DefaultAzureCredentialBuilder;
import com.azure.identity.ManagedIdentityCredentialBuilder;
import java.util.Scanner;

public class AzureToken {
  public static void main(String[] arguments) {
    TokenCredential credential = arguments[0].equals("ManagedIdentityCredential")
        ? new ManagedIdentityCredentialBuilder().build()
        : new DefaultAzureCredentialBuilder().build();
    for (Scanner lines = new Scanner(System.in); lines.hasNextLine(); ) {
      System.out.println(answer(credential, lines.nextLine()));
      System.out.flush();
    }
    System.exit(0);
  }

  private static String answer(TokenCredential credential, String scope) {
    try {
      String token = credential.getTokenSync(new TokenRequestContext().addScopes(scope)).getToken();
      return "{\"token\":%s}".formatted(quoted(token));
    } catch (Exception error) {
      return "{\"error\":%s}".formatted(quoted(said(error)));
    }
  }

  /** As a program shows it that prints what it caught, with its causes. */
  private static String said(Throwable error) {
    return error == null ? "" : error + "; " + said(error.getCause());
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\p{Cntrl}", " ") + '"';
  }
}
