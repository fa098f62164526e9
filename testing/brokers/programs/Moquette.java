import io.moquette.BrokerConstants;
import io.moquette.broker.Server;
import io.moquette.broker.config.MemoryConfig;
import io.moquette.broker.security.IAuthenticator;
import io.moquette.broker.security.IAuthorizatorPolicy;
import io.moquette.broker.subscriptions.Topic;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Properties;

/** Moquette on loopback: TCP port, WebSocket port, data folder, user, password, denied level. */
public class Moquette {
  public static void main(String[] args) throws Exception {
    Properties properties = new Properties();
    properties.setProperty(BrokerConstants.HOST_PROPERTY_NAME, "127.0.0.1");
    properties.setProperty(BrokerConstants.PORT_PROPERTY_NAME, args[0]);
    properties.setProperty(BrokerConstants.WEB_SOCKET_PORT_PROPERTY_NAME, args[1]);
    properties.setProperty(BrokerConstants.WEB_SOCKET_PATH_PROPERTY_NAME, "/mqtt");
    properties.setProperty(BrokerConstants.DATA_PATH_PROPERTY_NAME, args[2]);
    properties.setProperty(BrokerConstants.PERSISTENCE_ENABLED_PROPERTY_NAME, "false");
    properties.setProperty(BrokerConstants.ENABLE_TELEMETRY_NAME, "false");
    properties.setProperty(BrokerConstants.ALLOW_ANONYMOUS_PROPERTY_NAME, "false");
    // By default a message has at most 8,092 bytes.
    properties.setProperty(BrokerConstants.NETTY_MAX_BYTES_PROPERTY_NAME, "4000000");
    IAuthenticator users = (clientId, user, password) ->
        args[3].equals(user) && args[4].equals(new String(password, StandardCharsets.UTF_8));
    IAuthorizatorPolicy rules = new IAuthorizatorPolicy() {
      @Override
      public boolean canWrite(Topic topic, String user, String client) {
        return true;
      }

      @Override
      public boolean canRead(Topic topic, String user, String client) {
        return !topic.toString().startsWith(args[5] + "/");
      }
    };
    new Server().startServer(new MemoryConfig(properties), List.of(), null, users, rules);
  }
}
