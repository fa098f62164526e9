/** Settings of brokers that give two clients one client id, or one of them no place: the object of "Check". */
export const CLIENT_ID_CAUSES =
  'whether the broker derives the client id from the user name (use_username_as_clientid of mosquitto, policies of EMQX and AWS), or allows only one connection per user';
