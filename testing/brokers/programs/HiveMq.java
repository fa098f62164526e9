import com.hivemq.embedded.EmbeddedExtension;
import com.hivemq.embedded.EmbeddedHiveMQ;
import com.hivemq.extension.sdk.api.ExtensionMain;
import com.hivemq.extension.sdk.api.auth.SimpleAuthenticator;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission;
import com.hivemq.extension.sdk.api.packets.connect.ConnackReasonCode;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartOutput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopOutput;
import com.hivemq.extension.sdk.api.services.Services;
import com.hivemq.extension.sdk.api.services.builder.Builders;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** HiveMQ CE on loopback: TCP port, WebSocket port, data folder, user, password, denied level. */
public class HiveMq {
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[2]);
    for (String each : new String[] {"conf", "data", "extensions"}) {
      Files.createDirectories(folder.resolve(each));
    }
    String address = "<bind-address>127.0.0.1</bind-address>";
    Files.writeString(folder.resolve("conf/config.xml"),
        "<hivemq><listeners>"
            + "<tcp-listener><port>" + args[0] + "</port>" + address + "</tcp-listener>"
            + "<websocket-listener><port>" + args[1] + "</port>" + address + "<path>/mqtt</path></websocket-listener>"
            + "</listeners><persistence><mode>in-memory</mode></persistence>"
            + "<anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics></hivemq>");
    EmbeddedExtension extension = EmbeddedExtension.builder()
        .withId("users").withName("users").withVersion("1").withAuthor("users").withPriority(0)
        .withStartPriority(1000).withExtensionMain(new Users(args[3], args[4], args[5])).build();
    EmbeddedHiveMQ broker = EmbeddedHiveMQ.builder()
        .withConfigurationFolder(folder.resolve("conf")).withDataFolder(folder.resolve("data"))
        .withExtensionsFolder(folder.resolve("extensions")).withEmbeddedExtension(extension).build();
    broker.start().join();
    Thread.currentThread().join();
  }

  private record Users(String user, String password, String denied) implements ExtensionMain {
    @Override
    public void extensionStart(ExtensionStartInput input, ExtensionStartOutput output) {
      SimpleAuthenticator authenticator = (in, out) -> {
        var connect = in.getConnectPacket();
        String given = connect.getPassword().map(StandardCharsets.UTF_8::decode).map(Object::toString).orElse("");
        if (!connect.getUserName().orElse("").equals(user) || !given.equals(password)) {
          out.failAuthentication(ConnackReasonCode.BAD_USER_NAME_OR_PASSWORD);
          return;
        }
        // The first permission that matches counts.
        out.getDefaultPermissions().add(Builders.topicPermission().topicFilter(denied + "/#")
            .activity(TopicPermission.MqttActivity.SUBSCRIBE).type(TopicPermission.PermissionType.DENY).build());
        out.getDefaultPermissions().add(Builders.topicPermission().topicFilter("#").build());
        out.authenticateSuccessfully();
      };
      Services.securityRegistry().setAuthenticatorProvider(in -> authenticator);
    }

    @Override
    public void extensionStop(ExtensionStopInput input, ExtensionStopOutput output) {}
  }
}
