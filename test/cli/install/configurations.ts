// Configurations as written by the clients and by people.

/** Claude Code's configuration: written by the program, with many settings that are not about servers. */
export const claudeCode = `{
  "numStartups": 412,
  "installMethod": "native",
  "autoUpdates": false,
  "tipsHistory": {
    "new-user-warmup": 3,
    "shift-enter": 398,
    "memory-command": 400
  },
  "cachedGrowthBookFeatures": {
    "tengu_x": true,
    "ratio": 0.30000000000000004,
    "big": 12345678901234567890,
    "list": [],
    "none": {}
  },
  "userID": "3f1d0c",
  "projects": {
    "/home/me/work/api": {
      "allowedTools": [],
      "history": [
        {
          "display": "why is \\"mcpServers\\": {} here? // no \\u00e9clair \\n /* */",
          "pastedContents": {}
        }
      ],
      "mcpContextUris": [],
      "mcpServers": {
        "anki": {
          "type": "stdio",
          "command": "other-anki",
          "args": []
        }
      },
      "hasTrustDialogAccepted": true
    },
    "/home/me/work/naïve 日本語": {
      "allowedTools": ["Bash(ls:*)"],
      "mcpServers": {},
      "lastCost": 0.0421
    }
  },
  "mcpServers": {
    "github": {
      "type": "http",
      "url": "https://api.githubcopilot.com/mcp/",
      "headers": {
        "Authorization": "Bearer ghp_secret"
      }
    },
    "playwright": {
      "type": "stdio",
      "command": "npx",
      "args": [
        "@playwright/mcp@latest"
      ],
      "env": {}
    }
  },
  "oauthAccount": {
    "accountUuid": "9b2e",
    "emailAddress": "me@example.com"
  },
  "hasCompletedOnboarding": true
}
`;

export const claudeDesktop = `{
    "globalShortcut": "Alt+Space",
    "mcpServers": {
        "filesystem": {
            "command": "npx",
            "args": ["-y", "@modelcontextprotocol/server-filesystem", "/Users/me/Desktop"]
        },
        "sqlite": { "command": "uvx", "args": ["mcp-server-sqlite"] }
    },
    "preferences": {
        "menuBarEnabled": true
    }
}`;

export const cursor = `{
\t"mcpServers": {
\t\t// what the team uses
\t\t"linear": { "url": "https://mcp.linear.app/sse" }, // remote
\t\t"postgres": {
\t\t\t"type": "stdio",
\t\t\t"command": "npx",
\t\t\t"args": ["-y", "@modelcontextprotocol/server-postgres"],
\t\t\t"env": { "PGPASSWORD": "\${env:PGPASSWORD}" }
\t\t} /* local */
\t\t// "old": {}
\t}
}
`;

export const vscode = `// The servers of my own profile
{
  "inputs": [
    {
      "type": "promptString",
      "id": "github-token", // asked for once
      "description": "GitHub token",
      "password": true,
    },
  ],
  "servers": {
    /* "anki": { "type": "stdio" },
       not yet */
    "github": {
      "type": "http",
      "url": "https://api.githubcopilot.com/mcp/",
      "headers": { "Authorization": "Bearer \${input:github-token}" },
    },   
    "memory": {
      "command": "npx",
      "args": ["-y", "@modelcontextprotocol/server-memory"],
      "dev": { "watch": "build/**/*.js" },
    }, // the last one
  },
}
`;

export const gemini = `{
  "general": { "vimMode": true, "preferredEditor": "nvim" },
  "ui": {
    "theme": "GitHub", // light
    "hideTips": true
  },
  "security": { "auth": { "selectedType": "oauth-personal" } },
  "mcpServers": {
    "docs": {
      "httpUrl": "https://docs.example.com/mcp",
      "timeout": 5000,
      "trust": false
    }
  },
  "model": { "name": "gemini-3-pro" }
}
`;

export const codex = `# Codex, on my laptop
model = "gpt-5.1-codex"   
model_reasoning_effort = "high" # slow, but good
notify = ["python3", "/home/me/notify.py"]
started = 2026-01-02T03:04:05.678901Z
limit = 9223372036854775807

# how far it may go
approval_policy = "on-request"

[profiles.fast]
model = 'o4-mini'
  indented = true
ratio = 1.0

[mcp_servers.context7]
command = "npx"
args = [
  "-y", # no questions
  "@upstash/context7-mcp",
]   # all of them

[mcp_servers.context7.env]
"QUOTED KEY" = """
[mcp_servers.anki]
not a table"""

[mcp_servers.figma]
url = "https://mcp.figma.com/mcp"
http_headers = { "X-Figma-Region" = "us-east-1" }

# where it is trusted
[projects."/home/me/x.y"]
trust_level = "trusted"

[[hooks.rules]]
name = "a"

[[hooks.rules]]
name = "b"
[tui]
notifications = true
# the end
`;
