import com.sun.tools.ws.WsImport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Lets wsimport read every contract as a partner would first try it, without a single option; ends with the number of those refused.
 *
 * <pre>java Every.java WSDL_DIRECTORY OUT</pre>
 */
class Every {
    public static void main(String[] args) throws Throwable {
        List<Path> contracts;
        try (var found = Files.list(Path.of(args[0]))) {
            contracts = found.filter(path -> path.toString().endsWith(".wsdl") && !path.toString().contains(".soap12."))
                .sorted().collect(Collectors.toList());
        }
        int refused = 0;
        for (Path contract : contracts) {
            Path out = Files.createDirectories(Path.of(args[1], contract.getFileName().toString()));
            if (WsImport.doMain(new String[] {"-Xnocompile", "-quiet", "-s", out.toString(), contract.toString()}) != 0) {
                System.err.println("refused: " + contract);
                refused++;
            }
        }
        System.out.println(contracts.size());
        System.exit(refused);
    }
}
