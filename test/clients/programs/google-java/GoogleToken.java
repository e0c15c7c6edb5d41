/** Gets a token with Google's default credentials, each time that a line comes in; prints a JSON line. */
import com.google.auth.oauth2.GoogleCredentials;
import com.google.auth.oauth2.IdTokenProvider;
import java.util.List;
import java.util.Scanner;

public class GoogleToken {
  private static GoogleCredentials credentials;

  public static void main(String[] arguments) {
    for (Scanner lines = new Scanner(System.in); lines.hasNextLine(); ) {
      System.out.println(answer(lines.nextLine()));
      System.out.flush();
    }
  }

  private static String answer(String audience) {
    try {
      if (credentials == null) {
        credentials = GoogleCredentials.getApplicationDefault()
            .createScoped("https://www.googleapis.com/auth/cloud-platform");
      }
      if (!audience.isEmpty()) {
        String token = ((IdTokenProvider) credentials).idTokenWithAudience(audience, List.of()).getTokenValue();
        return "{\"identity\":%s}".formatted(quoted(token));
      }
      credentials.refreshIfExpired();
      return "{\"token\":%s,\"kind\":%s}".formatted(
          quoted(credentials.getAccessToken().getTokenValue()), quoted(credentials.getClass().getSimpleName()));
    } catch (Exception error) {
      return "{\"error\":%s}".formatted(quoted(String.valueOf(error)));
    }
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\p{Cntrl}", " ") + '"';
  }
}
