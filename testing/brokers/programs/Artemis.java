import java.util.Set;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.config.impl.SecurityConfiguration;
import org.apache.activemq.artemis.core.security.Role;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.spi.core.security.ActiveMQJAASSecurityManager;
import org.apache.activemq.artemis.spi.core.security.jaas.InVMLoginModule;

/** ActiveMQ Artemis on loopback: TCP port, WebSocket port, data folder, user, password, denied level. */
public class Artemis {
  public static void main(String[] args) throws Exception {
    SecurityConfiguration users = new SecurityConfiguration();
    users.addUser(args[3], args[4]);
    users.addRole(args[3], "users");
    ConfigurationImpl configuration = new ConfigurationImpl();
    configuration.setPersistenceEnabled(false);
    configuration.setSecurityEnabled(true);
    configuration.addAcceptorConfiguration("tcp", "tcp://127.0.0.1:" + args[0] + "?protocols=MQTT");
    configuration.addAcceptorConfiguration("ws", "tcp://127.0.0.1:" + args[1] + "?protocols=MQTT");
    configuration.putSecurityRoles("#", Set.of(role(true)));
    configuration.putSecurityRoles(args[5] + ".#", Set.of(role(false)));
    EmbeddedActiveMQ broker = new EmbeddedActiveMQ();
    broker.setConfiguration(configuration);
    broker.setSecurityManager(new ActiveMQJAASSecurityManager(InVMLoginModule.class.getName(), users));
    broker.start();
  }

  private static Role role(boolean read) {
    boolean y = true;
    return new Role("users", y, read, read, y, read, y, false, read, y, y, false, false);
  }
}
