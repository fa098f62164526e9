import java.util.List;
import java.util.Set;
import org.apache.activemq.broker.BrokerPlugin;
import org.apache.activemq.broker.BrokerService;
import org.apache.activemq.command.ActiveMQDestination;
import org.apache.activemq.security.AuthenticationUser;
import org.apache.activemq.security.AuthorizationEntry;
import org.apache.activemq.security.AuthorizationPlugin;
import org.apache.activemq.security.DefaultAuthorizationMap;
import org.apache.activemq.security.SimpleAuthenticationPlugin;

/** ActiveMQ Classic on loopback: TCP port, WebSocket port, data folder, user, password, denied level. */
public class ActiveMq {
  public static void main(String[] args) throws Exception {
    BrokerService broker = new BrokerService();
    broker.setPersistent(false);
    broker.setUseJmx(false);
    broker.setDataDirectory(args[2]);
    broker.addConnector("mqtt://127.0.0.1:" + args[0]);
    broker.addConnector("ws://127.0.0.1:" + args[1]);
    AuthorizationEntry all = new AuthorizationEntry();
    all.setTopic(">");
    all.setRead("users");
    all.setWrite("users");
    all.setAdmin("users");
    AuthorizationEntry nobody = new AuthorizationEntry();
    nobody.setRead("nobody");
    DefaultAuthorizationMap rules = new DefaultAuthorizationMap(List.of(all)) {
      @Override
      public Set<Object> getReadACLs(ActiveMQDestination destination) {
        // Entries only add rights.
        return destination.getPhysicalName().startsWith(args[5] + ".")
            ? nobody.getReadACLs()
            : super.getReadACLs(destination);
      }
    };
    broker.setPlugins(new BrokerPlugin[] {
      new SimpleAuthenticationPlugin(List.of(new AuthenticationUser(args[3], args[4], "users"))),
      new AuthorizationPlugin(rules),
    });
    broker.start();
    broker.waitUntilStopped();
  }
}
