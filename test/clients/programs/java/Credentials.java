/** Asks the AWS SDK's default chain for credentials, each time that a line comes in; prints a JSON line. */
import java.util.Scanner;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;

public class Credentials {
  public static void main(String[] arguments) {
    DefaultCredentialsProvider chain = DefaultCredentialsProvider.builder().build();
    for (Scanner lines = new Scanner(System.in); lines.hasNextLine(); lines.nextLine()) {
      System.out.println(answer(chain));
      System.out.flush();
    }
  }

  private static String answer(DefaultCredentialsProvider chain) {
    try {
      AwsCredentials found = chain.resolveCredentials();
      String token = found instanceof AwsSessionCredentials session ? session.sessionToken() : "";
      return "{\"key\":%s,\"secret\":%s,\"token\":%s,\"account\":%s,\"method\":%s}".formatted(
          quoted(found.accessKeyId()), quoted(found.secretAccessKey()), quoted(token),
          quoted(found.accountId().orElse("")), quoted(found.providerName().orElse("")));
    } catch (RuntimeException error) {
      return "{\"error\":%s}".formatted(quoted(String.valueOf(error.getMessage())));
    }
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\p{Cntrl}", " ") + '"';
  }
}
