// Calls by a gSOAP client: JSON lines in, JSON lines out (the protocol is in foreign.py).
// It must not know anything of the gateway but its contracts; glue.h is made from what wsdl2h made of them.

#include "soapH.h"
#include "proxies.h"
#include "VsopSoap11.nsmap"

#include <iostream>
#include <memory>
#include <stdexcept>
#include <type_traits>

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

using rapidjson::Value;
using Json = rapidjson::Writer<rapidjson::StringBuffer>;

// The classes cannot hold what the program was given: with a hand-written program, a compiler would have said so.
struct Refused : std::runtime_error { using std::runtime_error::runtime_error; };

std::string wire_out, wire_in;
int (*send_bytes)(struct soap*, const char*, size_t);
size_t (*receive_bytes)(struct soap*, char*, size_t);

int keep_sent(struct soap* s, const char* data, size_t size) { wire_out.append(data, size); return send_bytes(s, data, size); }
size_t keep_received(struct soap* s, char* data, size_t size) {
    size_t got = receive_bytes(s, data, size);
    wire_in.append(data, got);
    return got;
}

// The table of soapcpp2 with the envelope of SOAP 1.1 in place of 1.2.
const struct Namespace* namespaces11() {
    static std::vector<Namespace> table;
    for (const Namespace* each = namespaces; table.empty() || table.back().id != nullptr; each++) table.push_back(*each);
    table[0].ns = "http://schemas.xmlsoap.org/soap/envelope/"; table[0].in = "http://www.w3.org/*/soap-envelope";
    table[1].ns = "http://schemas.xmlsoap.org/soap/encoding/"; table[1].in = "http://www.w3.org/*/soap-encoding";
    return table.data();
}

struct Call {
    struct soap* s;
    const Value& asked;
    std::string contract, address;
    Json& out;

    bool is(const char* of, const char* version, const char* operation) const {
        return contract == of && asked["soap"] == Value(rapidjson::StringRef(version)) && asked["operation"] == Value(rapidjson::StringRef(operation));
    }
    template<class Proxy, class Request, class Answer> int call(int (Proxy::*operation)(Request*, Answer&));
};

template<class T> void fill(struct soap* s, const Value& json, T& object);
template<class T> void show(struct soap* s, Json& out, T& object);

inline void read(struct soap*, std::string& to, const char* from) { to = from; }
inline std::string text(struct soap*, const std::string& from) { return from; }

#include "glue.h"

// JSON into members
inline void put(struct soap*, const Value& from, int& to) { to = from.GetInt(); }
inline void put(struct soap*, const Value& from, LONG64& to) { to = from.GetInt64(); }
inline void put(struct soap*, const Value& from, bool& to) { to = from.GetBool(); }
inline void put(struct soap*, const Value& from, std::string& to) { to = from.GetString(); }
template<class T> void put(struct soap* s, const Value& from, T& to) {
    if constexpr (std::is_enum_v<T>) read(s, to, from.GetString());
    else fill(s, from, to);
}
std::vector<std::shared_ptr<void>> kept;  // what this call has made
template<class T> T* made() {
    auto object = std::make_shared<T>();
    kept.push_back(object);
    return object.get();
}
template<class T> void put(struct soap* s, const Value& from, T*& to) {
    to = made<T>();
    put(s, from, *to);
}
template<class T> void put(struct soap* s, const Value& from, std::vector<T>& to) {
    for (auto& item : from.GetArray()) {
        to.emplace_back();
        put(s, item, to.back());
    }
}

struct Filler {
    struct soap* s;
    const Value& from;
    size_t taken = 0;
    template<class T> void operator()(const char* name, T& member) {
        auto found = from.FindMember(name);
        if (found == from.MemberEnd()) return;
        taken++;
        if (!found->value.IsNull()) put(s, found->value, member);
    }
};
template<class T> void fill(struct soap* s, const Value& from, T& object) {
    Filler filler{s, from};
    members(filler, object);
    if (filler.taken != from.MemberCount()) throw Refused("the class has no such member");
}

// Members into JSON
inline void get(struct soap*, Json& out, int& from) { out.Int(from); }
inline void get(struct soap*, Json& out, LONG64& from) { out.Int64(from); }
inline void get(struct soap*, Json& out, bool& from) { out.Bool(from); }
inline void get(struct soap*, Json& out, std::string& from) { out.String(from.c_str(), from.size()); }
template<class T> void get(struct soap* s, Json& out, T& from) {
    if constexpr (std::is_enum_v<T>) out.String(text(s, from).c_str());
    else show(s, out, from);
}
template<class T> void get(struct soap* s, Json& out, T*& from) { get(s, out, *from); }
template<class T> void get(struct soap* s, Json& out, std::vector<T>& from) {
    out.StartArray();
    for (auto& item : from) get(s, out, item);
    out.EndArray();
}

struct Shower {
    struct soap* s;
    Json& out;
    template<class T> void operator()(const char* name, T& member) {
        if constexpr (std::is_pointer_v<T>) if (member == nullptr) return;
        out.Key(name);
        get(s, out, member);
    }
};
template<class T> void show(struct soap* s, Json& out, T& object) {
    out.StartObject();
    Shower shower{s, out};
    members(shower, object);
    out.EndObject();
}

template<class Proxy, class Request, class Answer> int Call::call(int (Proxy::*operation)(Request*, Answer&)) {
    Request* request = made<Request>();
    Answer* answer = made<Answer>();
    fill(s, asked["fields"], *request);
    Proxy proxy(s, address.c_str());
    s->header = nullptr;
    if (!asked["routing"].IsNull()) {
        s->header = made<SOAP_ENV__Header>();
        put(s, asked["routing"], s->header->ROUTING);
    }
    // Of documents of both versions, soapcpp2 makes a table of namespaces that speaks 1.2: the program chooses.
    soap_set_namespaces(s, asked["soap"] == "1.2" ? namespaces : namespaces11());
    if ((proxy.*operation)(request, *answer) != SOAP_OK) return s->error;
    out.Key("answer");
    show(s, out, *answer);
    return SOAP_OK;
}

void tell_fault(struct soap* s, Json& out, bool soap12) {
    const char** code = soap_faultcode(s);
    const char** message = soap_faultstring(s);
    SOAP_ENV__Detail* detail = s->fault == nullptr ? nullptr : soap12 ? s->fault->SOAP_ENV__Detail : s->fault->detail;
    if (detail == nullptr || detail->FAULT == nullptr) {
        soap_print_fault(s, stderr);
        throw std::runtime_error("no typed fault");
    }
    out.Key("fault");
    out.StartObject();
    out.Key("code"); out.String(*code);
    out.Key("message"); out.String(*message);
    out.Key("detail");
    out.StartObject();
    out.Key("ContractFault");
    show(s, out, *detail->FAULT);
    out.EndObject();
    out.EndObject();
}

void message(Json& out, const char* name, const std::string& bytes) {
    size_t head = bytes.find("\r\n\r\n");
    out.Key(name);
    if (head == std::string::npos) out.Null();
    else out.String(bytes.c_str() + head + 4, bytes.size() - head - 4);
}

int main() {
    // Without SOAP_C_UTFSTRING the strings of a program are Latin-1, and Chinese is lost.
    struct soap* s = soap_new2(SOAP_C_UTFSTRING | SOAP_XML_STRICT | SOAP_IO_KEEPALIVE, SOAP_C_UTFSTRING | SOAP_IO_KEEPALIVE);
    s->connect_timeout = s->recv_timeout = s->send_timeout = 20;
    send_bytes = s->fsend; s->fsend = keep_sent;
    receive_bytes = s->frecv; s->frecv = keep_received;
    for (std::string line; std::getline(std::cin, line);) {
        rapidjson::Document asked;
        asked.Parse(line.c_str());
        std::string address = asked["wsdl"].GetString();
        address.erase(address.find('?'));
        rapidjson::StringBuffer buffer;
        Json out(buffer);
        Call call{s, asked, address.substr(address.rfind('/') + 1), address, out};
        wire_out.clear(); wire_in.clear();
        out.StartObject();
        try {
            if (dispatch(call) != SOAP_OK) tell_fault(s, out, asked["soap"] == "1.2");
        } catch (const Refused& reason) {
            out.Key("refused"); out.String(reason.what());
        }
        message(out, "sent", wire_out);
        message(out, "received", wire_in);
        out.EndObject();
        std::cout << buffer.GetString() << std::endl;
        kept.clear();
        soap_destroy(s);
        soap_end(s);
    }
}
