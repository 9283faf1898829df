import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.sun.xml.ws.api.message.Headers;
import com.sun.xml.ws.developer.WSBindingProvider;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.bind.annotation.XmlElement;
import javax.xml.namespace.QName;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.ws.BindingProvider;
import javax.xml.ws.Service;
import javax.xml.ws.handler.Handler;
import javax.xml.ws.handler.MessageContext;
import javax.xml.ws.handler.soap.SOAPHandler;
import javax.xml.ws.handler.soap.SOAPMessageContext;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * Calls by a JAX-WS client: JSON lines in, JSON lines out (the protocol is in foreign.py).
 *
 * It must not know anything of the gateway but the addresses of its ?wsdl and the classes that wsimport made of its contracts.
 */
class Client {
    private static final String TYPES = "urn:vas:types:v1";
    private static final Map<String, WSBindingProvider> PORTS = new HashMap<>();
    private static final Wire WIRE = new Wire();

    public static void main(String[] args) throws Exception {
        BufferedReader calls = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream told = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Gson gson = new GsonBuilder().serializeNulls().create();
        for (String line = calls.readLine(); line != null; line = calls.readLine()) {
            told.println(gson.toJson(outcome(JsonParser.parseString(line).getAsJsonObject())));
        }
    }

    private static JsonObject outcome(JsonObject call) throws Exception {
        WIRE.sent = WIRE.received = null;
        WSBindingProvider port = port(call.get("wsdl").getAsString(), call.get("soap").getAsString());
        JsonElement routing = call.get("routing");
        port.setOutboundHeaders(routing.isJsonNull() ? List.of() : List.of(Headers.create(routing(routing.getAsJsonObject()))));
        JsonObject told = new JsonObject();
        try {
            Method operation = operation(port, call.get("operation").getAsString());
            Object request = filled(operation.getParameterTypes()[0], call.getAsJsonObject("fields"));
            told.add("answer", shown(operation.invoke(port, request)));
        } catch (InvocationTargetException error) {
            told.add("fault", fault(error.getCause()));
        } catch (NoSuchFieldException | IllegalArgumentException error) {
            told.addProperty("refused", String.valueOf(error.getMessage()));
        }
        told.addProperty("sent", WIRE.sent);
        told.addProperty("received", WIRE.received);
        return told;
    }

    private static WSBindingProvider port(String wsdl, String soap) throws Exception {
        if (!PORTS.containsKey(wsdl)) {
            String contract = wsdl.substring(wsdl.lastIndexOf('/') + 1, wsdl.indexOf('?'));
            String name = Character.toUpperCase(contract.charAt(0)) + contract.substring(1);
            String namespace = "urn:vas:" + contract + ":v1" + (soap.equals("1.2") ? ":soap12" : "");
            Service service = Service.create(new URL(wsdl), new QName(namespace, name + (soap.equals("1.2") ? "Soap12Service" : "Service")));
            Class<?> portType = Class.forName("partner." + contract + "." + name + "PortType");
            BindingProvider made = (BindingProvider) service.getPort(portType);
            made.getBinding().setHandlerChain(new ArrayList<Handler>(List.of(WIRE)));
            PORTS.put(wsdl, (WSBindingProvider) made);
        }
        return PORTS.get(wsdl);
    }

    private static Method operation(Object port, String name) {
        for (Class<?> face : port.getClass().getInterfaces()) {
            for (Method method : face.getMethods()) {
                if (method.getName().equalsIgnoreCase(name)) return method;
            }
        }
        throw new IllegalStateException("no operation " + name);
    }

    // The contract does not bind the header block, so it is written by hand.
    private static Element routing(JsonObject fields) throws Exception {
        Document document = DocumentBuilderFactory.newInstance().newDocumentBuilder().newDocument();
        Element block = document.createElementNS(TYPES, "t:Routing");
        for (Map.Entry<String, JsonElement> field : fields.entrySet()) {
            Element child = document.createElementNS(TYPES, "t:" + field.getKey());
            child.setTextContent(field.getValue().getAsString());
            block.appendChild(child);
        }
        return block;
    }

    // A declared fault is an exception of wsimport's with the detail as an object; any other ends the process.
    private static JsonObject fault(Throwable error) throws Exception {
        JsonObject fault = new JsonObject(), detail = new JsonObject();
        Object typed;
        try {
            typed = error.getClass().getMethod("getFaultInfo").invoke(error);
        } catch (NoSuchMethodException other) {
            throw new IllegalStateException(error);
        }
        detail.add("ContractFault", shown(typed));
        fault.add("code", JsonNull.INSTANCE);
        fault.addProperty("message", error.getMessage());
        fault.add("detail", detail);
        return fault;
    }

    private static Field member(Class<?> type, String name) throws NoSuchFieldException {
        for (Field field : type.getDeclaredFields()) {
            if (named(field).equals(name)) {
                field.setAccessible(true);
                return field;
            }
        }
        throw new NoSuchFieldException(type.getSimpleName() + " has no " + name);
    }

    private static String named(Field field) {
        XmlElement element = field.getAnnotation(XmlElement.class);
        return element == null || element.name().equals("##default") ? field.getName() : element.name();
    }

    private static Object filled(Class<?> type, JsonObject fields) throws Exception {
        Object made = type.getDeclaredConstructor().newInstance();
        for (Map.Entry<String, JsonElement> each : fields.entrySet()) {
            Field field = member(type, each.getKey());
            if (each.getValue().isJsonNull()) continue;
            if (field.getType() != List.class) {
                field.set(made, value(field.getType(), each.getValue()));
                continue;
            }
            Class<?> item = (Class<?>) ((ParameterizedType) field.getGenericType()).getActualTypeArguments()[0];
            List<Object> items = new ArrayList<>();
            for (JsonElement element : each.getValue().getAsJsonArray()) items.add(value(item, element));
            field.set(made, items);
        }
        return made;
    }

    private static Object value(Class<?> type, JsonElement json) throws Exception {
        if (json.isJsonObject()) return filled(type, json.getAsJsonObject());
        if (type == String.class) return json.getAsString();
        if (type == int.class || type == Integer.class) return json.getAsInt();
        if (type == long.class || type == Long.class) return json.getAsLong();
        if (type == boolean.class || type == Boolean.class) return json.getAsBoolean();
        try {
            return type.getMethod("fromValue", String.class).invoke(null, json.getAsString());
        } catch (InvocationTargetException error) {
            throw new IllegalArgumentException(error.getCause().getMessage());
        }
    }

    private static JsonElement shown(Object value) throws Exception {
        if (value instanceof String) return new JsonPrimitive((String) value);
        if (value instanceof Number) return new JsonPrimitive((Number) value);
        if (value instanceof Boolean) return new JsonPrimitive((Boolean) value);
        if (value instanceof Enum) return new JsonPrimitive((String) value.getClass().getMethod("value").invoke(value));
        if (value instanceof List) {
            JsonArray items = new JsonArray();
            for (Object item : (List<?>) value) items.add(shown(item));
            return items;
        }
        JsonObject fields = new JsonObject();
        for (Field field : value.getClass().getDeclaredFields()) {
            field.setAccessible(true);
            if (field.get(value) != null) fields.add(named(field), shown(field.get(value)));
        }
        return fields;
    }

    /** Keeps the messages of the last call. */
    private static class Wire implements SOAPHandler<SOAPMessageContext> {
        private String sent;
        private String received;

        @Override
        public boolean handleMessage(SOAPMessageContext context) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try {
                context.getMessage().writeTo(bytes);
            } catch (Exception error) {
                throw new IllegalStateException(error);
            }
            String text = bytes.toString(StandardCharsets.UTF_8);
            if ((Boolean) context.get(MessageContext.MESSAGE_OUTBOUND_PROPERTY)) sent = text;
            else received = text;
            return true;
        }

        @Override
        public boolean handleFault(SOAPMessageContext context) {
            return handleMessage(context);
        }

        @Override
        public void close(MessageContext context) {}

        @Override
        public Set<QName> getHeaders() {
            return Set.of();
        }
    }
}
