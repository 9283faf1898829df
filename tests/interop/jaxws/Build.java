import com.sun.tools.ws.WsImport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ToolProvider;

/**
 * Makes the JAX-WS client from the contracts, as a partner would: wsimport, javac; all in one process, which is faster.
 *
 * <pre>java Build.java HERE WSDL_DIRECTORY OUT</pre>
 */
class Build {
    public static void main(String[] args) throws Throwable {
        Path here = Path.of(args[0]), wsdl = Path.of(args[1]), out = Path.of(args[2]);
        Path source = Files.createDirectories(out.resolve("src"));
        for (String contract : List.of("vsop", "ppm", "ismp", "ocs")) {
            for (String document : List.of(contract + ".wsdl", contract + ".soap12.wsdl")) {
                Path file = wsdl.resolve(document);
                // One class for each message, as vsop.wsdl asks for by itself. SOAP 1.2 is an extension to wsimport.
                Path style = Files.writeString(out.resolve("style.xml"), "<jaxws:bindings wsdlLocation='" + file.toUri()
                    + "' xmlns:jaxws='http://java.sun.com/xml/ns/jaxws'><jaxws:enableWrapperStyle>false</jaxws:enableWrapperStyle>"
                    + "</jaxws:bindings>");
                List<String> wanted = new ArrayList<>(List.of(
                    "-Xnocompile", "-quiet", "-extension", "-p", "partner." + contract, "-s", source.toString(), file.toString()));
                if (!contract.equals("vsop")) wanted.addAll(0, List.of("-b", style.toString()));
                if (WsImport.doMain(wanted.toArray(new String[0])) != 0) System.exit(1);
            }
        }
        List<String> files = new ArrayList<>(List.of("-nowarn", "-proc:none", "-d", out.resolve("classes").toString(), here.resolve("Client.java").toString()));
        try (var found = Files.walk(source)) {
            found.filter(path -> path.toString().endsWith(".java")).forEach(path -> files.add(path.toString()));
        }
        System.exit(ToolProvider.getSystemJavaCompiler().run(null, null, null, files.toArray(new String[0])));
    }
}
